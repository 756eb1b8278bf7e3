// Names what Unfold leaves without a name for a screen reader: scroll boxes, fields in tables, pickers, empty headings.

const words = (node) => {
  if (!node) return "";
  const copy = node.cloneNode(true);
  copy.querySelectorAll(".material-symbols-outlined, template, .xz-sr").forEach((each) => each.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
};

const nameScrollBoxes = () => {
  document.querySelectorAll("[data-simplebar]").forEach((box, i) => {
    const heading = words(box.closest("fieldset, section")?.querySelector("h2"));
    const around = box.closest("nav")?.getAttribute("aria-label");
    box.dataset.simplebarAriaLabel = around || heading || `${document.title.trim()} ${i + 1}`;
  });
};

const nameTableFields = (table) => {
  const headings = [...table.querySelectorAll("thead th")];
  headings.filter((th) => !words(th) && !th.querySelector("input")).forEach((th) => {
    const name = document.createElement("span");
    name.className = "xz-sr";
    name.textContent = document.getElementById("main")?.dataset.wordAction ?? "";
    th.append(name);
  });
  table.querySelectorAll("tbody td :is(input, select, textarea):not([type=hidden])").forEach((field) => {
    const heading = headings[field.closest("td").cellIndex];
    if (heading && !field.labels?.length && !field.hasAttribute("aria-label")) {
      field.setAttribute("aria-label", words(heading) || heading.textContent.trim());
    }
  });
};

const namePickers = () => {
  document.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
    const label = words(select.labels?.[0]) || select.getAttribute("aria-label") || words(document.querySelector("h1"));
    select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox]").forEach((box) => {
      if (box.getAttribute("aria-label") === label) return;
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", label);
    });
  });
};

const nameAll = () => {
  document.querySelectorAll("table.formset").forEach(nameTableFields);
  namePickers();
};

document.addEventListener("DOMContentLoaded", nameScrollBoxes);
document.addEventListener("formset:added", () => setTimeout(nameAll));
window.addEventListener("load", () => {
  nameAll();
  new MutationObserver(namePickers).observe(document.body, { childList: true, subtree: true }); // they come when they like
});
