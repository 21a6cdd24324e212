// Asks the program of this container whether it is ready, and ends with 0 when it is: what HEALTHCHECK runs, without a shell or curl.
// It loads nothing but Node's own client, because what it takes counts against the container's memory.
import { readFileSync } from "node:fs";

const image = JSON.parse(readFileSync(new URL("../image.json", import.meta.url), "utf8"));
const port = Number(process.env[image.portSetting]) || image.port;
// The whole shop answers on its public port, which is encrypted when HTTP_TLS says so; a port of its own for operations never is.
const isEncrypted = image.portSetting === "PORT" && /^(on|self-made)$/.test(process.env.HTTP_TLS ?? "");
const { get } = await import(isEncrypted ? "node:https" : "node:http");
// It asks itself, under whatever name the certificate has.
const request = get({ host: "127.0.0.1", port, path: "/ready", rejectUnauthorized: false, timeout: 3_000 });
request.on("timeout", () => request.destroy(new Error("no answer within 3 s")));
request.on("error", (error) => end(1, `The program does not answer on port ${port}: ${error.message}.`));
request.on("response", ({ statusCode }) =>
  end(statusCode === 200 ? 0 : 1, `The program answers ${statusCode} on port ${port}.`),
);

function end(code, sentence) {
  console.log(sentence);
  process.exit(code);
}
