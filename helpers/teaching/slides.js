/* One slide at a time, turned by keys, clicks on the margins or swipes. Without this script all
   slides stand below each other, and so they are printed. */
(() => {
  const slides = [...document.querySelectorAll("section")];
  const numbered = () => Number.parseInt(location.hash.replace("#slide-", ""), 10) || 1;
  let place = 0;

  const show = (wanted, focus) => {
    place = Math.min(Math.max(wanted, 0), slides.length - 1);
    slides.forEach((slide, number) => slide.classList.toggle("shown", number === place));
    history.replaceState(null, "", `#slide-${place + 1}`);
    if (focus) slides[place].focus({ preventScroll: true });
  };

  const keys = {
    ArrowRight: () => place + 1, PageDown: () => place + 1, " ": () => place + 1,
    ArrowLeft: () => place - 1, PageUp: () => place - 1,
    Home: () => 0, End: () => slides.length - 1,
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "n") document.body.classList.toggle("notes");
    if (!(event.key in keys)) return;
    event.preventDefault();
    show(keys[event.key](), true);
  });

  let start = null;
  addEventListener("touchstart", (event) => { start = event.touches[0].clientX; });
  addEventListener("touchend", (event) => {
    const way = event.changedTouches[0].clientX - start;
    if (Math.abs(way) > 60) show(place + (way < 0 ? 1 : -1), false);
  });

  addEventListener("hashchange", () => show(numbered() - 1, false));
  document.body.classList.add("one-by-one");
  document.querySelector(".keys").hidden = false;
  show(numbered() - 1, false);
})();
