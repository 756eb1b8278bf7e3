// A preview follows what is typed: a plan's cost, a message's words. Without this file the form itself shows it when it
// is sent.
const cost = document.querySelector("[data-preview]");
const form = document.querySelector(cost?.dataset.form ?? "form.never");
let timer, asked = 0;

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, 400);
});

async function show() {
  const mine = ++asked;
  const answer = await fetch(cost.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine === asked) cost.replaceChildren(...page.body.childNodes);
}
