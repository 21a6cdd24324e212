// What must hold of every object of every profile. Each rule is first seen red by samples that break it.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chartRenderings, renderingNames } from "./renderings.ts";
import { profiles, render, renderText, withoutHelm } from "./render.ts";
import { contentRules } from "./rules/content.ts";
import { changedJobs, lifecycleRules } from "./rules/lifecycle.ts";
import type { Draft, Rule } from "./rules/rule.ts";
import { securityRules } from "./rules/security.ts";
import { wiringRules } from "./rules/wiring.ts";

const rules: readonly Rule[] = [...securityRules, ...contentRules, ...wiringRules, ...lifecycleRules];

/** A fault is a line; a good release may have lines that are known, which do not count as seen. */
function seen(rule: Rule, spoil: (objects: Draft) => void): string[] {
  const good = render();
  const draft = structuredClone(good) as Draft;
  spoil(draft);
  const before = new Set(rule.faults(good));
  return rule.faults(draft).filter((fault) => !before.has(fault));
}

for (const rule of rules)
  suite(rule.name, { skip: withoutHelm }, () => {
    for (const name of renderingNames)
      test(`${name}: ${rule.name}`, () => {
        assert.deepEqual(rule.faults(render(chartRenderings[name])), []);
      });
    for (const [title, spoil] of Object.entries(rule.samples))
      test(`a sample is refused: ${title}`, () => {
        assert.notDeepEqual(seen(rule, spoil), [], "The rule did not see it.");
      });
  });

suite("what two renderings have to do with each other", { skip: withoutHelm }, () => {
  for (const profile of profiles) {
    test(`${profile}: rendered twice it is the same to the letter, so nothing in it is made up by chance`, () => {
      assert.equal(renderText({ profile }), renderText({ profile }));
    });

    test(`${profile}: a job whose content changes with an upgrade has another name`, () => {
      const before = render({ profile });
      for (const values of [
        { image: { tag: "9.9.9" } },
        { settings: { LOG_LEVEL: "debug" } },
        { environment: "staging" },
        { shop: { currency: "EUR", demo: false } },
      ])
        assert.deepEqual(changedJobs(before, render({ profile, values })), [], JSON.stringify(values));
    });
  }

  test("a job that would have to change is seen", () => {
    const before = render();
    const after = structuredClone(before) as Draft;
    for (const object of after)
      if (object.kind === "Job") Object.assign(object.spec ?? {}, { backoffLimit: 77 });
    assert.notDeepEqual(changedJobs(before, after), []);
  });

  test("an upgrade to another image makes the jobs that migrate anew", () => {
    const jobs = (tag: string) =>
      render({ profile: "s0", values: { image: { tag } } }).flatMap(({ kind, metadata }) =>
        kind === "Job" && /migrate/.test(metadata.name) ? [metadata.name] : [],
      );
    assert.notDeepEqual(jobs("1.0.0"), []);
    assert.notDeepEqual(jobs("1.0.0"), jobs("1.0.1"));
  });

  test("a release of another name and namespace shares nothing with the first but the names of its objects", () => {
    for (const object of render({ profile: "s0", release: "second", namespace: "elsewhere" }))
      assert.doesNotMatch(
        JSON.stringify(object),
        /"app\.kubernetes\.io\/instance":"stoa"/,
        object.metadata.name,
      );
  });
});
