#!/usr/bin/env node
// Runs under whatever Node.js the machine has, so this file keeps to what an old one can at least parse.
const version = process.versions.node.split(".").map(Number);

if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(
    "Stoa needs Node.js 20.19 or newer to install itself; this is " +
      process.versions.node +
      ". Install a current one from your system's packages or nodejs.org, then run the same command again.",
  );
  process.exit(1);
}
void import("./launch.mjs").then((launcher) => launcher.launch(process.argv.slice(2)));
