import assert from "node:assert/strict";
import { after, test } from "node:test";
import pg from "pg";
import { randomCode } from "#platform/kit/ids.ts";
import { defineService, type AnyService } from "#platform/kit/service.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { namedReaderHome, serverReaderHome } from "./reader-home.ts";

const adminUrl = process.env["TEST_DATABASE_URL"] ?? "";
const name = `reader_home_${randomCode(10).toLowerCase()}`;

/** A service whose database a role owns that may do what `rights` say. */
async function ownedBy(role: string, rights: string): Promise<{ service: AnyService; url: string }> {
  const database = `${role}_db`;
  await asAdmin(`create role ${role} login password 'secret of its own' ${rights}`);
  await asAdmin(`create database ${database} owner ${role}`);
  after(async () => {
    await asAdmin(`drop database ${database} with (force)`);
    await asAdmin(`drop role if exists ${database}_reader`);
    await asAdmin(`drop role ${role}`);
  });
  const url = new URL(adminUrl);
  [url.pathname, url.username, url.password] = [`/${database}`, role, "secret of its own"];
  await query(url.href, "create table kept as select 1 as n");
  const service = defineService({ name: "things", config: {}, database, needs: {}, create: () => ({}) });
  return { service: service as AnyService, url: url.href };
}

async function asAdmin(text: string): Promise<void> {
  await query(adminUrl, text);
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

test("on an outside server a reader is made, which reads what is there and what comes later, and writes nothing", async () => {
  const { service, url } = await ownedBy(`${name}_maker`, "createdb createrole");
  const reader = await serverReaderHome(url, {}, assert.fail)(service);
  assert.notEqual(new URL(reader).username, new URL(url).username);
  assert.deepEqual(await query(reader, "select n from kept"), [{ n: 1 }]);
  await query(url, "create table later as select 2 as n");
  assert.deepEqual(await query(reader, "select n from later"), [{ n: 2 }]);
  await assert.rejects(query(reader, "insert into kept values (3)"), { code: "25006" });
  await assert.rejects(query(reader, "begin read write; insert into kept values (3)"), { code: "42501" });
  assert.equal(
    await serverReaderHome(url, {}, assert.fail)(service),
    reader,
    "a second start finds the same",
  );
});

test("an account that may make no roles reads under its own name, and that is said", async () => {
  const { service, url } = await ownedBy(`${name}_plain`, "");
  const said: string[] = [];
  assert.equal(await serverReaderHome(url, {}, (sentence) => said.push(sentence))(service), url);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /AUDIT_THINGS_DATABASE_URL/);
});

test("what is named for reading comes first, then what is named for the service, then a sentence", async () => {
  const service = defineService({
    name: "things",
    config: {},
    database: "things_db",
    needs: {},
    create: () => ({}),
  });
  const own = { THINGS_DATABASE_URL: "postgres://things@host/db" };
  const both = { ...own, AUDIT_THINGS_DATABASE_URL: "postgres://reader@host/db" };
  assert.equal(await namedReaderHome(both)(service as AnyService), both.AUDIT_THINGS_DATABASE_URL);
  assert.equal(await namedReaderHome(own)(service as AnyService), own.THINGS_DATABASE_URL);
  assert.equal(
    await serverReaderHome("postgres://nobody@nowhere/db", both, assert.fail)(service as AnyService),
    both.AUDIT_THINGS_DATABASE_URL,
  );
  assert.throws(
    () => namedReaderHome({})(service as AnyService),
    (error: unknown) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, /Set AUDIT_THINGS_DATABASE_URL .* \(or THINGS_DATABASE_URL\)/);
      return true;
    },
  );
});
