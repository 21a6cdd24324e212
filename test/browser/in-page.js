// Runs inside a page: answers with sentences about what is wrong there. Sent as text, because pages allow no foreign scripts.
export const inPage = {
  /** Something is wider than the window. */
  wide() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter(
        (element) => element.getBoundingClientRect().right > width + 1 && !this.scrollsByItself(element),
      )
      .slice(0, 3)
      .map(
        (element) =>
          `${this.name(element)} ends at ${Math.round(element.getBoundingClientRect().right)} of ${width} px`,
      )
      .concat(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${width} px`);
  },

  /** Pictures that wait for being seen are asked for now. */
  wakePictures() {
    for (const image of document.images) image.loading = "eager";
  },

  arePicturesDone() {
    return [...document.images].every((image) => image.complete);
  },

  brokenPictures() {
    return [...document.images]
      .filter((image) => image.naturalWidth === 0)
      .map((image) => `${image.getAttribute("src")} shows nothing`)
      .concat(
        [...document.images]
          .filter((image) => !image.hasAttribute("alt"))
          .map((image) => `${image.src} has no alt`),
      );
  },

  /** Controls, buttons and links that say nothing to somebody who does not see them. */
  nameless() {
    const controls = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(
      (control) =>
        ![...(control.labels ?? [])].some((label) => label.textContent.trim()) && !this.ariaName(control),
    );
    const actions = [...document.querySelectorAll("button, a[href]")].filter(
      (action) =>
        !this.isHidden(action) &&
        !action.textContent.trim() &&
        !this.ariaName(action) &&
        ![...action.querySelectorAll("img")].some(({ alt }) => alt),
    );
    return [...controls, ...actions].map((element) => `${this.name(element)} has no label`);
  },

  structure() {
    const headings = document.querySelectorAll("h1").length;
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    return [
      ...(headings === 1 ? [] : [`${headings} headings of the first level`]),
      ...(document.documentElement.lang ? [] : ["no language"]),
      ...twice.map((id) => `the id ${id} stands twice`),
    ];
  },

  /** The element that has the focus, and whether one can see that it has. */
  focused() {
    const element = document.activeElement;
    if (!element || element === document.body) return undefined;
    // A choice that is drawn by the text beside it shows its focus there.
    const shown = [element, element.nextElementSibling, element.closest("label")].filter(Boolean);
    const isOutlined = shown.some((one) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      const { width, height } = one.getBoundingClientRect();
      return outlineStyle !== "none" && parseFloat(outlineWidth) > 0 && width > 1 && height > 1;
    });
    const rect = shown[0].getBoundingClientRect();
    const isInWindow = rect.bottom > 0 && rect.top < innerHeight && rect.right > 0 && rect.left < innerWidth;
    return { name: this.name(element), isVisible: isOutlined && isInWindow };
  },

  ariaName(element) {
    return element.getAttribute("aria-label") || element.getAttribute("aria-labelledby");
  },

  name(element) {
    const isControl = ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName);
    const text = isControl ? element.name : element.innerText || element.querySelector("img")?.alt || "";
    const shown = (element.getAttribute("aria-label") || text).trim().replace(/\s+/g, " ");
    return `${element.tagName.toLowerCase()} "${shown.slice(0, 40)}"`;
  },

  isHidden(element) {
    return element.closest("[aria-hidden=true]") !== null && element.tabIndex < 0;
  },

  scrollsByItself(element) {
    for (
      let around = element.parentElement;
      around && around !== document.body;
      around = around.parentElement
    )
      if (getComputedStyle(around).overflowX !== "visible") return true;
    return false;
  },
};
