// One button a page shows the code behind its figures and sentences; what is too wide for a narrow
// screen says that it scrolls. Without this script each piece of code has a fold of its own.

const CODE = ".cell.tag_hide-input details.hide.above-input";

function oneButtonForCode() {
  const heading = document.querySelector("article h1");
  const folds = [...document.querySelectorAll(CODE)];
  if (!heading || !folds.length) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "code-button";
  const show = (shown) => {
    document.documentElement.classList.toggle("code-folded", !shown);
    folds.forEach((fold) => { fold.open = shown; });
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Hide the code" : "Show the code";
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
  heading.insertAdjacentElement("afterend", button);
  show(false);
}

const WIDE = "article .scroll, article .pst-scrollable-table-container, article table, article .math";

function markWhatScrolls() {
  document.querySelectorAll(WIDE).forEach((box) => {
    const scrolls = box.scrollWidth > box.clientWidth + 2;
    box.classList.toggle("scrolls", scrolls);
    // One has to reach it to scroll it with the keys.
    if (scrolls && !box.hasAttribute("tabindex")) box.tabIndex = 0;
  });
}

document.addEventListener("DOMContentLoaded", () => {
  oneButtonForCode();
  markWhatScrolls();
});
// Pictures have their width only when they are there.
window.addEventListener("load", markWhatScrolls);
window.addEventListener("resize", markWhatScrolls);
