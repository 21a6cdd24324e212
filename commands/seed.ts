import type { CommandContext } from "./command.ts";
import { withServices } from "./open-back-end.ts";

/** Writes what a new shop begins with; does nothing where it is there already. */
export async function seed(context: CommandContext): Promise<void> {
  await withServices(context, ["catalog", "currency", "user", "ad"], async (running) => {
    const told = await running.seed();
    context.print("The first data is there.");
    for (const { name, value } of told) context.print(`${name}: ${value}`);
  });
}
