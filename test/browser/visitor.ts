// Somebody at a screen: uses the shop as it shows itself, and looks each page over on the way.
import type { Browser, Page } from "playwright-core";
import { faultsOf } from "./page-rules.ts";
import { watch, type Watch } from "./page-watch.ts";
import { check } from "./tally.ts";

export interface Screen {
  readonly width: number;
  readonly hasScripts: boolean;
}

export class Visitor {
  readonly page: Page;
  readonly screen: Screen;
  readonly #watch: Watch;
  readonly #origin: string;

  private constructor(origin: string, page: Page, screen: Screen, heard: Watch) {
    this.#origin = origin;
    this.page = page;
    this.screen = screen;
    this.#watch = heard;
  }

  static async arrive(
    browser: Browser,
    origin: string,
    screen: Screen,
    isExpected?: (url: string) => boolean,
  ): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: screen.width, height: 900 },
      javaScriptEnabled: screen.hasScripts,
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(8_000);
    const heard = watch(context, isExpected);
    return new Visitor(origin, await context.newPage(), screen, heard);
  }

  get words(): string {
    return `${this.screen.width} px ${this.screen.hasScripts ? "with" : "without"} scripts`;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.#origin + path);
  }

  /** Holds the page that is shown against the rules of all pages. */
  async look(name: string): Promise<void> {
    const faults = await faultsOf(this.page);
    check(`${name}, ${this.words}: nothing is wrong with the page`, [...faults, ...this.#watch.take()]);
  }

  /** Fills what stands under these labels. */
  async fill(fields: { readonly [label: string]: string }): Promise<void> {
    for (const [label, value] of Object.entries(fields)) {
      const control = this.page.getByRole("main").getByLabel(label).first();
      const isList = (await control.evaluate((element) => element.tagName)) === "SELECT";
      await (isList ? control.selectOption({ label: value }) : control.fill(value));
    }
  }

  async press(name: string | RegExp): Promise<void> {
    await this.page.getByRole("main").getByRole("button", { name }).first().click();
  }

  /** Waits until the page says it. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByRole("main").getByText(text).first().waitFor();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
