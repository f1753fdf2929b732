// Lets readers search, filter and sort a table; `searchable.py` writes its markup.
// Called with the identifier of the element around it.
(anchor => {
  const box = document.getElementById(anchor);
  const input = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  const body = box.querySelector("tbody");
  const rows = Array.from(body.rows);
  const selects = Array.from(box.querySelectorAll("select"));
  const texts = rows.map(row => row.textContent.toLowerCase());
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every(word => texts[i].includes(word))
        || !selects.every(select => !select.value
          || row.cells[select.dataset.column].dataset.value === select.value);
      if (!row.hidden) shown += 1;
    });
    status.textContent = shown + " of " + rows.length + " rows shown";
  };
  input.addEventListener("input", show);
  selects.forEach(select => select.addEventListener("change", show));
  box.querySelectorAll("th button").forEach((button, column) => {
    button.addEventListener("click", () => {
      const head = button.parentElement;
      const down = head.getAttribute("aria-sort") === "ascending";
      box.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => row.cells[column].dataset.value;
      const order = (a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const numbers = !isNaN(x) && !isNaN(y);
        const found = numbers ? x - y : x.localeCompare(y);
        return down ? -found : found;
      };
      rows.slice().sort(order).forEach(row => body.appendChild(row));
    });
  });
  box.querySelector(".search").hidden = false;
  show();
})
