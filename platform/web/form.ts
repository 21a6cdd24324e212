import { attribute, html, nothing, type Html } from "./html.ts";

/** One labelled input of a form. */
export interface Field {
  readonly name: string;
  /** Unique on its page, where several forms have a field of this name; the name when absent. */
  readonly id?: string;
  readonly label: string;
  readonly value?: string;
  readonly type?: "text" | "email" | "password" | "tel";
  readonly autocomplete?: string;
  readonly inputmode?: "text" | "numeric" | "decimal" | "email";
  readonly maxlength?: number;
  readonly message?: string | undefined;
  readonly hint?: string;
  readonly isRequired?: boolean;
  /** How much of a row it takes. */
  readonly size?: "full" | "half" | "third" | "rest";
  /** Said beside the label. */
  readonly note?: string;
  /** Where somebody begins to type when the page is shown. */
  readonly isFirst?: boolean;
}

/** A labelled input; a message stands with it and is read with it. */
export function fieldView(field: Field): Html {
  const { name, id = name, label, value = "", type = "text", message, hint, isRequired = true } = field;
  return html`<div class="field ${field.size ?? "full"}">
    <label for="${id}">${label}${field.note ? html` <small>${field.note}</small>` : ""}</label
    ><input
      id="${id}"
      name="${name}"
      type="${type}"
      value="${type === "password" ? "" : value}"
      autocomplete="${field.autocomplete ?? "on"}"
      inputmode="${field.inputmode ?? "text"}"
      maxlength="${field.maxlength ?? 254}"
      ${attribute("required", isRequired)}${attribute("autofocus", field.isFirst === true)}${describedBy(id, message)}
    />${messageView(id, message)}${hint ? html`<p class="hint">${hint}</p>` : ""}
  </div>`;
}

/** One labelled choice of a form. */
export interface Choice extends Pick<
  Field,
  "name" | "id" | "label" | "value" | "autocomplete" | "message" | "size" | "isFirst"
> {
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** A labelled choice among options; a message stands with it and is read with it. */
export function choiceView({
  name,
  id = name,
  label,
  value = "",
  autocomplete = "on",
  message,
  size,
  isFirst = false,
  options,
}: Choice): Html {
  return html`<div class="field ${size ?? "full"}">
    <label for="${id}">${label}</label
    ><select
      id="${id}"
      name="${name}"
      autocomplete="${autocomplete}"
      required${attribute("autofocus", isFirst)}${describedBy(id, message)}
    >
      ${options.map(
        (option) =>
          html`<option value="${option.value}" ${attribute("selected", option.value === value)}>
            ${option.text}
          </option>`,
      )}</select
    >${messageView(id, message)}
  </div>`;
}

function describedBy(name: string, message: string | undefined): Html {
  return message ? html` aria-invalid="true" aria-describedby="${name}-message"` : nothing;
}

function messageView(name: string, message: string | undefined): Html {
  return message ? html`<p class="message" id="${name}-message">${message}</p>` : nothing;
}

/** A field with a message, for the list above the form. */
export interface WrongField {
  readonly name: string;
  readonly label: string;
  readonly message: string;
}

/** What went wrong with the whole form, if anything, with a link to each field it is about; read out at once. */
export function alertView(message: string | undefined, fields: readonly WrongField[] = []): Html {
  if (!message) return nothing;
  if (fields.length === 0) return html`<p class="alert" tabindex="-1" role="alert">${message}</p>`;
  return html`<div class="alert" tabindex="-1" role="alert">
    <p>${message}</p>
    <ul>
      ${fields.map(({ name, label, message: text }) => html`<li><a href="#${name}">${label}</a>: ${text}</li>`)}
    </ul>
  </div>`;
}
