"""One page in a browser: what axe finds, whether it scrolls sideways, how large its targets are, what goes wrong."""

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, ViewportSize

SMALL: ViewportSize = {"width": 360, "height": 780}
LEAST_TARGET = 44  # CSS pixels, both ways (design.md); a link that is one short word may be as narrow as the word
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TAGS = [*WCAG, "best-practice"]
OPTIONS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}  # the rule is off by default
TALL = "document.documentElement.scrollHeight + 200"  # so that no fixed bar lies over anything
WIDE = """document.fonts.ready.then(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth)"""
SMALL_TARGETS = """least => {
  const runs = a => getComputedStyle(a).display === "inline"
    && [...a.parentElement.childNodes].some(n => n !== a && n.nodeType === 3 && n.textContent.trim());
  const ticked = e => e.matches("input[type=radio], input[type=checkbox]") && e.labels.length;
  const area = e => ticked(e) ? e.labels[0] : e;
  const answers = (e, x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (e === hit || e.contains(hit) || (hit.closest("label") || {}).control === e);
  };
  const found = [];
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    const part = area(e);
    if (!part.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (e.matches("a") && runs(e)) continue;
    part.scrollIntoView({block: "center", inline: "center"});
    const box = part.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || box.right <= 0 || box.bottom <= 0) continue;
    const x = box.x + box.width / 2, y = box.y + box.height / 2, reach = least / 2 - 1;
    const tall = box.height >= least - 0.5 || (answers(e, x, y - reach) && answers(e, x, y + reach));
    const word = e.matches("a") && box.width >= 16;
    const wide = word || box.width >= least - 0.5 || (answers(e, x - reach, y) && answers(e, x + reach, y));
    if (!tall || !wide) {
      const name = (e.getAttribute("aria-label") || e.textContent || e.name || "").trim().slice(0, 30);
      const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
      found.push(`${e.tagName.toLowerCase()}.${e.className} "${name}" ${size}`);
    }
  }
  return found;
}"""


@dataclass
class Look:
    """What one visit showed."""

    status: int
    wide: int = 0
    targets: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    passes: int = 0
    violations: list[str] = field(default_factory=list)


def look(context: BrowserContext, url: str, tags: list[str]) -> Look:
    """Open `url` on a small phone and examine it, with axe's rules of these tags."""
    page = context.new_page()
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        answer = page.goto(url)
        found = Look(answer.status if answer else 0, said=said)
        found.wide = page.evaluate(WIDE)
        found.targets = page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        page.set_viewport_size({"width": SMALL["width"], "height": page.evaluate(TALL)})
        told: dict[str, Any] = Axe().run(page, options={"runOnly": tags, **OPTIONS}).response
        found.passes = len(told["passes"])
        found.violations = [_words(violation) for violation in told["violations"]]
        return found
    finally:
        page.close()


def _words(violation: dict[str, Any]) -> str:
    node = violation["nodes"][0]
    return f"{violation['id']} ×{len(violation['nodes'])}: {node['html'][:120]} {node.get('failureSummary', '')[:160]}"
