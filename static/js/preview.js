// The plan of what is picked stands beside the form while one types: same focus, nothing is sent.
// Without this file a button shows it. Figures that are no longer those of the page are refused by the server.
const form = document.querySelector("form[data-preview]");
let waits = 0;
let asked = 0;

form?.addEventListener("input", () => {
  clearTimeout(waits);
  waits = setTimeout(() => show().catch(() => {}), 300);
});

async function show() {
  const mine = ++asked;
  const picked = new FormData(form);
  for (const name of ["csrfmiddlewaretoken", "shown", "words"]) picked.delete(name);
  const answer = await fetch(`${location.pathname}?${new URLSearchParams(picked)}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return; // a later one is on its way
  for (const part of document.querySelectorAll("[data-shown]")) {
    const fresh = page.querySelector(`[data-shown="${part.dataset.shown}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
}
