// Stripe's requests are forms whose names nest: metadata[order]=1, expand[]=a, items[0][price]=2.

export type Form = { readonly [name: string]: FormValue };
export type FormValue = string | FormValue[] | Form;

export function parseForm(text: string): Form {
  const form: Record<string, FormValue> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(/\[|\]\[|\]/).filter((part, index, all) => part !== "" || index < all.length - 1);
    put(form, path, value);
  }
  return form;
}

function put(target: Record<string, FormValue>, [name = "", ...rest]: string[], value: string): void {
  const [next] = rest;
  if (next === undefined) return void (target[name] = value);
  const isList = next === "" || /^\d+$/.test(next);
  target[name] ??= isList ? [] : {};
  const inner = target[name];
  if (Array.isArray(inner)) {
    const index = next === "" ? inner.length : Number(next);
    if (rest.length === 1) inner[index] = value;
    else put((inner[index] ??= {}) as Record<string, FormValue>, rest.slice(1), value);
  } else put(inner as Record<string, FormValue>, rest, value);
}

export function textOf(value: FormValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function formOf(value: FormValue | undefined): Form {
  return typeof value === "object" && !Array.isArray(value) ? value : {};
}

export function listOf(value: FormValue | undefined): FormValue[] {
  return Array.isArray(value) ? value : [];
}
