import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMessages, type Texts } from "./check-messages.ts";
import { parseSource } from "./source-file.ts";

const english = {
  "cart.heading": "Your cart",
  "cart.count": "{count, plural, one {# thing} other {# things}}",
  "status.sent": "Sent to {name}",
  "status.kept": "Kept for {name}",
  "login.text": "<link>Sign in</link>",
};
const german = {
  "cart.heading": "Ihr Warenkorb",
  "cart.count": "{count, plural, one {# Ding} other {# Dinge}}",
  "status.sent": "Gesendet an {name}",
  "status.kept": "Aufbewahrt für {name}",
  "login.text": "<link>Anmelden</link>",
};
const code = [
  'const heading = "cart.heading";',
  'words.text("cart.count", { count });',
  "words.text(`status.${status}`, { name });",
  'look.words.rich("login.text", { link });',
  'html`<p aria-label="${a}" ${b ? html` aria-current="true"` : ""}>${words.text(heading)} · 99+</p>`;',
].join("\n");

function broken(changes: { code?: string; en?: Texts; de?: Texts }): string[] {
  const source = parseSource("services/a/views/a.ts", changes.code ?? code);
  const languages = { en: changes.en ?? english, de: changes.de ?? german };
  return checkMessages({ folder: "messages", languages, sources: [source] });
}

test("whole languages whose keys are all shown, and whose places are all filled, are clean", () => {
  assert.deepEqual(broken({}), []);
});

const without = (key: string): Texts =>
  Object.fromEntries(Object.entries(german).filter(([other]) => other !== key));

const planted: [what: string, changes: Parameters<typeof broken>[0], says: RegExp][] = [
  ["a key nothing has", { code: `${code}\nwords.text("cart.title");` }, /a\.ts:6: No message has the key/],
  ["a family of keys nothing has", { code: `${code}\nwords.find(\`mail.\${a}\`);` }, /a\.ts:6: No message/],
  [
    "a key nothing shows",
    { en: { ...english, spare: "x" }, de: { ...german, spare: "x" } },
    /"spare" is shown nowhere/,
  ],
  [
    "a place that is not filled",
    { code: code.replace("{ count }", "{}") },
    /"cart\.count" has the places \(count\)/,
  ],
  [
    "a value without a place",
    { code: code.replace("{ link }", "{ link, name }") },
    /but is given \(link, name\)/,
  ],
  ["a key a language lacks", { de: without("cart.heading") }, /de\.json/],
  ["a key only a language has", { de: { ...german, more: "mehr" } }, /"more" is no key of the English file/],
  ["a place only a language has", { de: { ...german, "cart.heading": "{name}s Korb" } }, /places \(name\)/],
  ["a message that cannot be read", { de: { ...german, "cart.heading": "{" } }, /not ICU MessageFormat/],
  ["a word in a view", { code: `${code}\nhtml\`<p>Hello</p>\`;` }, /a\.ts:6: "Hello" is a word in a view/],
  [
    "a word that is heard",
    { code: `${code}\nhtml\`<i aria-label="Cart"></i>\`;` },
    /"Cart" is a word in a view/,
  ],
];
for (const [what, changes, says] of planted)
  test(`${what} is seen`, () => {
    const found = broken(changes);
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0] ?? "", says);
  });
