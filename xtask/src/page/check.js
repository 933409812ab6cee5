(() => {
  const found = [];
  const named = (element) => `${element.localName} "${element.textContent.trim().slice(0, 40)}"`;
  const isShown = (element) => element.getClientRects().length > 0;
  const overlap = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
  const overlaps = (elements) => {
    const boxes = elements.filter(isShown).map((element) => [element, element.getBoundingClientRect()]);
    boxes.forEach(([one, box], nth) => {
      for (const [other, beside] of boxes.slice(nth + 1)) {
        if (overlap(box, beside)) found.push(`${named(one)} and ${named(other)} overlap`);
      }
    });
  };
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push("the page is wider than the screen");
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    if (!isShown(element) || element.matches(".defs")) continue;
    const scroller = element.closest(".scroll");
    if (!scroller && element.getBoundingClientRect().right > width + 1) {
      found.push(`${named(element)} extends beyond the page`);
    }
    if (element !== scroller && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) {
      found.push(`${named(element)} is clipped`);
    }
    if (element === scroller && matchMedia("print").matches && element.scrollWidth > element.clientWidth + 1) {
      found.push(`${named(element)} is wider than the paper`);
    }
  }
  for (const drawing of document.querySelectorAll("main svg")) {
    const frame = drawing.getBoundingClientRect();
    const texts = [...drawing.querySelectorAll("text")];
    overlaps(texts);
    for (const text of texts.filter(isShown)) {
      const box = text.getBoundingClientRect();
      const isOut = box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2;
      if (isOut) found.push(`${named(text)} extends beyond its drawing`);
    }
  }
  for (const bar of document.querySelectorAll(".bar")) overlaps([...bar.children]);
  return [...new Set(found)];
})()
