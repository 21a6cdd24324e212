import { testDatabase } from "#platform/testing/databases.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { cart } from "./service.ts";
import { testCartStore } from "./store.contract.ts";
import { PostgresCarts } from "./store.ts";

const db = await testDatabase(cart as unknown as AnyService);
testCartStore("PostgreSQL", { store: new PostgresCarts(db), db, clock: new TestClock() });
