/**
 * A program that stands for a container behind a load balancer: it tells its variables, fails when it is asked to, and
 * ends cleanly. Commands of the embedded cloud's images are lists of words, so it is the text of one.
 */
const PROGRAM = `
const http = require('node:http');
const { STAND_IN = '{}', PORT, HOST, ...environment } = process.env;
const { exitCode, readyAfterMs = 0, failPath } = JSON.parse(STAND_IN);
const { failingVersions = [], unstartableVersions = [] } = JSON.parse(process.argv[1] || '{}');
const version = Number(environment.MODEL_VERSION);
if (unstartableVersions.includes(version)) { console.log('the model is not what was registered'); process.exit(1); }
if (exitCode !== undefined) { console.log('leaving with ' + exitCode); process.exit(exitCode); }
const startedAt = performance.now();
const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const ready = performance.now() - startedAt >= readyAfterMs;
    if (request.url === '/v2/health/ready') { response.writeHead(ready ? 200 : 503).end('{}'); return; }
    if (failingVersions.includes(version) || (failPath !== undefined && request.url.includes(failPath))) { response.writeHead(500).end('{"error":"asked for"}'); return; }
    const answer = { url: request.url, method: request.method, headers: request.headers, pid: process.pid, nowMs: Date.now(),
      body: Buffer.concat(chunks).toString('base64'), environment };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
});
server.listen(Number(PORT), HOST, () => console.log('listening'));
process.on('SIGTERM', () => { console.log('stopping'); server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

/** @param options model versions, by the variable `MODEL_VERSION`, that answer 500, and that end at their start */
export const standInCommand = (
  options: { readonly failingVersions?: readonly number[]; readonly unstartableVersions?: readonly number[] } = {},
): readonly string[] => [process.execPath, '-e', PROGRAM, JSON.stringify(options)];

/** What the stand-in answers of itself and of the request. */
export interface StandInAnswer {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pid: number;
  /** What it takes for the time. */
  readonly nowMs: number;
  /** Base64. */
  readonly body: string;
  readonly environment: Readonly<Record<string, string>>;
}
