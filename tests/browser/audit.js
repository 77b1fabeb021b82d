// What a careful reader of WCAG 2.2 AA would object to on the page as it is now: a list of sentences, empty when fine.
() => {
  const faults = [];
  const seen = (node) => {
    const box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && style.display !== "none";
  };
  const name = (node) => `${node.tagName.toLowerCase()}${node.id ? "#" + node.id : ""} "${(node.textContent || "").trim().slice(0, 30)}"`;
  const parse = (text) => {
    const [r, g, b, a] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a: a === undefined ? 1 : a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const light = ({ r, g, b }) => {
    const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : Math.pow((v / 255 + 0.055) / 1.055, 2.4));
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const need = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !seen(node) || ["SCRIPT", "NOSCRIPT", "STYLE"].includes(node.tagName)) continue;
    const style = getComputedStyle(node);
    const found = ratio(over(parse(style.color), behind(node)), behind(node));
    if (found < need(style)) faults.push(`${name(node)}: contrast ${found.toFixed(2)}`);
    if (parseFloat(style.fontSize) < 16) faults.push(`${name(node)}: letters of ${style.fontSize}`);
  }
  document.querySelectorAll("input:not([type=hidden]), textarea, select").forEach((field) => {
    if (!seen(field)) return;
    const hint = parse(getComputedStyle(field, "::placeholder").color);
    if (ratio(hint, behind(field)) < 4.5) faults.push(`${name(field)}: the hint's contrast`);
    if (ratio(parse(getComputedStyle(field).borderTopColor), behind(field.parentElement)) < 3) faults.push(`${name(field)}: its border`);
    if (!field.labels.length && !field.getAttribute("aria-label")) faults.push(`${name(field)}: no label`);
  });
  document.querySelectorAll("button, a[href]").forEach((button) => {
    if (!seen(button)) return;
    const box = button.getBoundingClientRect();
    if (!(button.textContent.trim() || button.getAttribute("aria-label"))) faults.push(`${name(button)}: no name`);
    const least = button.closest(".choices, #composer, #menu, #dialog, header") && button.tagName === "BUTTON" ? 48 : 24;
    if (box.height < least || box.width < least) faults.push(`${name(button)}: ${box.width}×${box.height}, less than ${least}`);
  });
  document.querySelectorAll("[aria-hidden=true]").forEach((hidden) => {
    if (hidden.matches("a[href], button, input, textarea, [tabindex]") && hidden.tabIndex >= 0) faults.push(`${name(hidden)}: hidden, yet reached by Tab`);
  });
  document.querySelectorAll("img").forEach((image) => {
    if (!image.hasAttribute("alt")) faults.push(`${name(image)}: no alt`);
  });
  for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "for"]) {
    document.querySelectorAll(`[${attribute}]`).forEach((node) => {
      if (!node.getAttribute(attribute).trim().split(/\s+/).every((id) => document.getElementById(id))) faults.push(`${name(node)}: ${attribute} names nothing`);
    });
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  ids.filter((id, index) => ids.indexOf(id) !== index).forEach((id) => faults.push(`id ${id} twice`));
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title) faults.push("no title");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  const log = document.querySelector("[role=log]");
  if (document.getElementById("composer") && (!log || !log.getAttribute("aria-label") || log.getAttribute("aria-live") !== "polite")) faults.push("the log is not announced");
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  return faults;
}
