// Listens to what a page complains about while somebody uses it.
import type { BrowserContext, Page } from "playwright-core";

export interface Watch {
  /** What was heard since the last call. */
  take(): string[];
}

/** Console errors and warnings, script errors, dialogs, refused content, and requests that failed or were answered badly. */
export function watch(context: BrowserContext, isExpected: (url: string) => boolean = () => false): Watch {
  let heard: string[] = [];
  const listen = (page: Page) => {
    page.on("console", (message) => {
      const isBad = message.type() === "error" || message.type() === "warning";
      if (isBad && !isExpected(message.location().url)) heard.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => heard.push(`script: ${error.message}`));
    page.on("dialog", (dialog) => {
      heard.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  };
  context.on("page", listen);
  context.on("response", (response) => {
    if (response.status() >= 400 && !isExpected(response.url()))
      heard.push(`${response.status()} for ${response.request().method()} ${response.url()}`);
  });
  context.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "unknown";
    // Whoever leaves a page ends what it was still loading.
    if (reason !== "net::ERR_ABORTED") heard.push(`${reason} for ${request.url()}`);
  });
  return {
    take: () => {
      const taken = heard;
      heard = [];
      return taken;
    },
  };
}
