// A whole Bluesky (directory, personal server, index, moderation) out of its developers' own package, with three people.
// Says where everything is in the file READY, and ends with SIGTERM. "bank" is a name that only its keeper may give.
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";

// The servers would listen on every interface.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  const at = typeof given[0] === "object" && given[0] !== null ? given[0].port : given[0];
  const done = given.find((one) => typeof one === "function");
  return Number.isInteger(Number(at ?? 0)) ? listen.call(this, { port: Number(at ?? 0), host: "127.0.0.1" }, done) : listen.apply(this, given);
};

const folder = path.join(process.env.INSTALLED, "node_modules/@atproto/dev-env/dist/index.js");
const { TestNetwork } = await import(pathToFileURL(folder).href);
const network = await TestNetwork.create({
  dbPostgresUrl: process.env.POSTGRES_URL,
  dbPostgresSchema: "peer",
  redisHost: process.env.REDIS_HOST,
  pds: { hostname: "localhost", enableDidDocWithSession: true, rateLimitsEnabled: process.env.LIMITED === "1" },
});
const keeper = { headers: network.pds.adminAuthHeaders(), encoding: "application/json" };
const people = {};
for (const name of ["bank", "customer", "stranger"]) {
  const agent = network.pds.getAgent();
  const password = `${name}-password`;
  const made = await agent.com.atproto.server.createAccount({ email: `${name}@people.example`, handle: `${name}-first.test`, password });
  await agent.com.atproto.admin.updateAccountHandle({ did: made.data.did, handle: `${name}.test` }, keeper);
  people[name] = { did: made.data.did, password };
}
await network.processAll();
const ready = { directory: network.plc.url, pds: network.pds.url, index: network.bsky.url, keeper: keeper.headers, people };
writeFileSync(process.env.READY, JSON.stringify(ready));
for (const ending of ["SIGTERM", "SIGINT"]) {
  process.on(ending, () => network.close().finally(() => process.exit(0)));
}
