// Filters the ledger and opens the statement that an address names, such as #E2. Without it the
// ledger is whole; helpers/publish/ledger/page.py writes its markup.
(() => {
  const start = () => {
    const ledger = document.getElementById("ledger");
    const form = ledger && ledger.querySelector("form");
    if (!form) return;
    const rows = Array.from(ledger.querySelectorAll("tbody tr"));
    const texts = rows.map(row => row.textContent.toLowerCase());
    const chosen = name => form.elements[name].value;

    const show = () => {
      const words = chosen("words").toLowerCase().split(/\s+/).filter(Boolean);
      const verdict = chosen("verdict"), by = "data-verdict-" + chosen("protocol");
      let shown = 0;
      rows.forEach((row, i) => {
        const found = row.getAttribute(by);
        row.hidden = !words.every(word => texts[i].includes(word))
          || (chosen("section") && row.dataset.section !== chosen("section"))
          || (chosen("set") && row.dataset.set !== chosen("set"))
          || (verdict ? found !== verdict : found === null)
          || (form.elements.weighty.checked && !row.hasAttribute("data-weighty"));
        if (!row.hidden) shown += 1;
      });
      form.querySelector("[role=status]").textContent =
        shown + " of " + rows.length + " statements shown";
    };

    const open = () => {
      const row = rows.find(each => each.id && "#" + each.id === location.hash);
      if (!row) return;
      if (row.hidden) { form.reset(); show(); }
      row.querySelector("details").open = true;
      row.scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
    };

    form.addEventListener("input", show);
    form.addEventListener("submit", event => event.preventDefault());
    window.addEventListener("hashchange", open);
    form.hidden = false;
    show();
    open();
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
