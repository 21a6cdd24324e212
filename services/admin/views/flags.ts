import type { Flag, FlagList, FlagSwitch, User } from "#gen/rest/types.ts";
import { alertView, choiceView, fieldView } from "#platform/web/form.ts";
import { attribute, html, type Html } from "#platform/web/html.ts";
import type { AdminWords } from "../context.ts";

/** What a fault does; the failures as the API calls them. */
export const faultKinds = [
  "delay",
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
  "RESOURCE_EXHAUSTED",
  "refuse",
] as const;

/** What was typed for a flag. */
export interface FlagForm {
  readonly name: string;
  readonly value: string;
  readonly share: string;
  readonly reason: string;
}

/** What was typed for a fault. */
export interface FaultForm {
  readonly where: string;
  readonly share: string;
  readonly kind: (typeof faultKinds)[number];
  readonly delayMs: string;
  readonly refuse: string;
  readonly header: string;
  readonly minutes: string;
  readonly reason: string;
}

export interface FlagsParts {
  readonly list: FlagList;
  readonly user: User;
  readonly now: Date;
  readonly message?: string | undefined;
  readonly flag?: FlagForm | undefined;
  readonly fault?: FaultForm | undefined;
}

/** A rule as it is shown; what is no rule is shown as nothing. */
interface ShownRule {
  readonly where: string;
  readonly share: number;
  readonly until: string;
  readonly header?: string;
  readonly delayMs?: number;
  readonly fail?: string;
  readonly refuse?: string;
}

/** The rules that have not ended. */
export function rulesOf({ faults }: FlagList, now: Date): ShownRule[] {
  const value = faults.switch?.value;
  if (!Array.isArray(value)) return [];
  return (value as ShownRule[]).filter(({ until }) => Date.parse(until) > now.getTime());
}

export function flagsView(words: AdminWords, parts: FlagsParts): Html {
  const { list, message } = parts;
  return html`<h1>${words.text("flags.heading")}</h1>
    ${alertView(message)}
    <p class="muted">${words.text("flags.intro")}</p>
    <div class="flags">${list.items.map((flag) => flagView(words, flag, parts))}</div>
    <h2 id="faults">${words.text("flags.faults")}</h2>
    ${faultsView(words, parts)}`;
}

function flagView(words: AdminWords, flag: Flag, { user, flag: typed }: FlagsParts): Html {
  const { name, value, source, unswitched } = flag;
  const form = typed?.name === name ? typed : undefined;
  const sourceText = (one: string) => words.find(`flags.source.${one}`) ?? one;
  return html`<section class="panel flag" aria-labelledby="flag-${name}">
    <h2 id="flag-${name}"><code>${name}</code> <span class="flag-value">${shown(words, value)}</span></h2>
    <p>${words.text("flags.from", { source: sourceText(source) })}</p>
    ${
      flag.switch
        ? html`<p>${switchText(words, flag.switch, user)}</p>
            <p class="muted">
              ${words.text("flags.otherwise", { value: shown(words, unswitched.value), source: sourceText(unswitched.source) })}
            </p>`
        : ""
    }
    <details ${attribute("open", form !== undefined)}>
      <summary>${words.text("flags.change")}</summary>
      ${flagFormView(words, flag, form)}
    </details>
  </section>`;
}

function flagFormView(words: AdminWords, flag: Flag, form: FlagForm | undefined): Html {
  const { name, type, value } = flag;
  const options = ["true", "false"].map((one) => ({ value: one, text: shown(words, one === "true") }));
  const label = words.text("flags.value");
  const size = "third";
  const wanted = form?.value ?? (type === "boolean" ? String(value !== true) : JSON.stringify(value));
  return html`<form action="/admin/flags/${name}" method="post" data-once>
    <div class="fields">
      ${
        type === "boolean"
          ? choiceView({
              name: "value",
              id: `value-${name}`,
              label,
              value: wanted,
              options,
              size,
              autocomplete: "off",
            })
          : fieldView({
              name: "value",
              id: `value-${name}`,
              label,
              value: wanted,
              autocomplete: "off",
              maxlength: 4000,
              size,
              hint: words.text("flags.json"),
            })
      }
      ${fieldView({ name: "share", id: `share-${name}`, label: words.text("flags.share"), value: form?.share ?? "100", inputmode: "decimal", autocomplete: "off", maxlength: 6, size })}
      ${reasonView(words, name, form?.reason)}
    </div>
    <p class="actions">
      <button type="submit" name="what" value="switch">${words.text("flags.switch")}</button>
      ${
        flag.switch
          ? html`<button class="quiet" type="submit" name="what" value="back">
              ${words.text("flags.back")}
            </button>`
          : ""
      }
    </p>
  </form>`;
}

function reasonView(words: AdminWords, of: string, value = ""): Html {
  const label = words.text("flags.reason");
  return fieldView({ name: "reason", id: `reason-${of}`, label, value, autocomplete: "off", maxlength: 500 });
}

function switchText(words: AdminWords, { reason, by, at, share }: FlagSwitch, user: User): Html {
  const who = by === user.id ? user.email : by;
  const facts = { who, reason, time: words.time(at) };
  if (share === 1) return words.rich("flags.switched", facts);
  const percent = words.number(Math.round(share * 10_000) / 100);
  return words.rich("flags.switchedPart", { ...facts, percent });
}

function shown(words: AdminWords, value: unknown): string {
  if (typeof value === "boolean") return words.text(value ? "flags.on" : "flags.off");
  return JSON.stringify(value);
}

function faultsView(words: AdminWords, parts: FlagsParts): Html {
  const { list, user, now } = parts;
  const rules = rulesOf(list, now);
  const { isAllowed, switch: switched } = list.faults;
  return html`${
    rules.length > 0 && switched
      ? html`<div class="alert" role="status">
            <p>${words.text("flags.faultsOn", { count: rules.length })}</p>
            <p>${switchText(words, switched, user)}</p>
          </div>
          ${rules.map((rule, index) => ruleView(words, rule, index))}
          <form class="panel" action="/admin/faults/end" method="post" data-once>
            <div class="fields">${reasonView(words, "end")}</div>
            <p class="actions">
              <button type="submit" name="which" value="all">${words.text("flags.endAll")}</button>
            </p>
          </form>`
      : html`<p>${words.text("flags.faultsOff")}</p>`
  }
  ${isAllowed ? faultFormView(words, parts.fault) : html`<p class="muted">${words.text("flags.faultsRefused")}</p>`}`;
}

function ruleView(words: AdminWords, rule: ShownRule, index: number): Html {
  const { where, share, until, header, delayMs, fail, refuse } = rule;
  const does = [
    ...(delayMs === undefined ? [] : [words.text("flags.does.delay", { ms: words.number(delayMs) })]),
    ...(fail === undefined ? [] : [words.text("flags.does.fail", { code: fail })]),
    ...(refuse === undefined ? [] : [words.text("flags.does.refuse", { code: refuse })]),
  ];
  const percent = words.number(Math.round(share * 10_000) / 100);
  return html`<form class="panel fault" action="/admin/faults/end" method="post" data-once>
    <p><code>${where}</code></p>
    <p>${words.text("flags.rule", { percent, does: words.list(does) })}</p>
    ${header === undefined ? "" : html`<p>${words.rich("flags.onlyHeader", { header: html`<code>${header}</code>` })}</p>`}
    <p>${words.rich("flags.until", { time: words.time(until) })}</p>
    <input type="hidden" name="reason" value="${words.text("flags.ended")}" />
    <p class="actions">
      <button class="quiet" type="submit" name="which" value="${index}">${words.text("flags.end")}</button>
    </p>
  </form>`;
}

function faultFormView(words: AdminWords, form: FaultForm | undefined): Html {
  const text = (name: string, label: string, more: object) =>
    fieldView({ name, label, autocomplete: "off", maxlength: 200, isRequired: false, ...more });
  const options = faultKinds.map((value) => ({ value, text: words.find(`flags.kind.${value}`) ?? value }));
  return html`<form class="panel" action="/admin/faults" method="post" data-once>
    <h3>${words.text("flags.inject")}</h3>
    <p class="muted">${words.text("flags.injectHint")}</p>
    <div class="fields">
      ${text("where", words.text("flags.where"), { value: form?.where ?? "", isRequired: true, hint: words.text("flags.whereHint") })}
      ${choiceView({ name: "kind", label: words.text("flags.kind"), value: form?.kind ?? "delay", options, size: "half", autocomplete: "off" })}
      ${text("delayMs", words.text("flags.delayMs"), { value: form?.delayMs ?? "500", size: "half", inputmode: "numeric" })}
      ${text("refuse", words.text("flags.refuse"), { value: form?.refuse ?? "", size: "half", hint: words.text("flags.refuseHint") })}
      ${text("header", words.text("flags.header"), { value: form?.header ?? "", size: "half", hint: words.text("flags.headerHint") })}
      ${text("share", words.text("flags.faultShare"), { value: form?.share ?? "10", size: "half", inputmode: "decimal", isRequired: true })}
      ${text("minutes", words.text("flags.minutes"), { value: form?.minutes ?? "15", size: "half", inputmode: "numeric", isRequired: true })}
      ${reasonView(words, "fault", form?.reason)}
    </div>
    <p class="actions"><button type="submit">${words.text("flags.injectNow")}</button></p>
  </form>`;
}
