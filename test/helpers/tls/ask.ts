import { createExchange } from '../../../shared/adapters/sigv4/exchange.ts';

/** Asks an origin several times by the platform's own client and prints what came of it. */
const [origin = '', count = '1'] = process.argv.slice(2);
const exchange = createExchange(5_000);
const told: unknown[] = [];
for (let time = 0; time < Number(count); time += 1) {
  const host = new URL(origin).host;
  try {
    const headers = { host, 'content-length': '4' };
    const { status, body } = await exchange({ method: 'POST', origin, path: `/${time}`, headers, body: 'ping' });
    told.push({ status, body: Buffer.from(body).toString() });
  } catch (error) {
    told.push((error as { readonly code?: string }).code ?? String(error));
  }
}
console.log(JSON.stringify(told));
