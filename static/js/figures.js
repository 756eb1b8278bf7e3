// Another term or specification changes the figures in place: same scroll, same focus, nothing else moves.
// Without this file each choice is an ordinary link to the same page.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".choices a");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain) return;
  event.preventDefault();
  const picker = [...document.querySelectorAll(".choices")].indexOf(link.parentElement);
  swap(link.href, picker).catch(() => location.assign(link.href));
});

async function swap(address, picker) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = amounts();
  for (const part of [".topbar", "main", "body > .actionbar"]) {
    document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
  }
  document.title = page.title;
  history.replaceState(null, "", address);
  mark(before);
  document.querySelectorAll(".choices")[picker].querySelector("[aria-current]").focus({ preventScroll: true });
}

// The rows whose amount is another one now: their ground goes from soft to clear once.
function mark(before) {
  for (const [label, [row, amount]] of amounts()) {
    row.classList.toggle("changed", before.get(label)?.[1] !== amount);
  }
}

function amounts() {
  const rows = [...document.querySelectorAll(".cost-table tr:not(.group)")];
  return new Map(rows.map((row) => [row.cells[0].firstChild.textContent, [row, row.cells[1].textContent]]));
}
