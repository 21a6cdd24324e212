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

  /** Text too pale for its ground: 4.5 to 1, or 3 to 1 where it is large. Grounds that are pictures are for eyes. */
  pale() {
    return [...document.querySelectorAll("body *")]
      .filter((element) => this.hasText(element) && element.closest("noscript, [disabled]") === null)
      .flatMap((element) => {
        const style = getComputedStyle(element);
        const [ink, ground] = [this.colour(style.color), this.groundOf(element)];
        if (!ink || !ground || style.visibility === "hidden") return [];
        const [light, dark] = [this.luminance(ink), this.luminance(ground)].sort((a, b) => b - a);
        const ratio = (light + 0.05) / (dark + 0.05);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const text = element.textContent.trim().slice(0, 30);
        return ratio < (isLarge ? 3 : 4.5) ? [`"${text}" has a contrast of ${ratio.toFixed(2)}`] : [];
      });
  },

  /** Columns without a name, names that hide the words that are seen, and what only a mouse can scroll. */
  unreachable() {
    const columns = [...document.querySelectorAll("th")].filter(
      (th) => !th.textContent.trim() && !this.ariaName(th),
    );
    const renamed = [...document.querySelectorAll("a[aria-label], button[aria-label]")].filter((action) => {
      const seen = action.innerText.trim().replace(/\s+/g, " ").toLowerCase();
      return /\p{L}{2}/u.test(seen) && !action.getAttribute("aria-label").toLowerCase().includes(seen);
    });
    const scrolled = [...document.querySelectorAll("body *")].filter(
      (element) =>
        /auto|scroll/.test(getComputedStyle(element).overflowX) &&
        element.scrollWidth > element.clientWidth + 1 &&
        element.tabIndex < 0 &&
        !element.querySelector("a, button, input, select, textarea, [tabindex]"),
    );
    return [
      ...columns.map(() => "a column has no name"),
      ...renamed.map((action) => `${this.name(action)} is named otherwise than it shows`),
      ...scrolled.map((element) => `${element.tagName}.${element.className} scrolls for a mouse only`),
    ];
  },

  hasText(element) {
    const { width, height } = element.getBoundingClientRect();
    return (
      width > 1 &&
      height > 1 &&
      [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    );
  },

  colour(text) {
    const [red, green, blue, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return text.startsWith("rgb") && alpha === 1 ? [red, green, blue] : undefined;
  },

  groundOf(element) {
    for (let around = element; around; around = around.parentElement) {
      const { backgroundColor, backgroundImage } = getComputedStyle(around);
      if (backgroundImage !== "none") return undefined;
      const colour = this.colour(backgroundColor);
      if (colour) return colour;
    }
    return undefined;
  },

  luminance(colour) {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
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
