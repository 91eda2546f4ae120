import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** The server that a user of Node and onnxruntime writes: what serving is compared with. Argument: the model's file. */

const session = await InferenceSession.create(readFileSync(process.argv[2] ?? ''), { intraOpNumThreads: 1 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const feeds: Record<string, Tensor> = {};
    for (const { name, shape, data } of body.inputs) {
      feeds[name] = new Tensor('float32', Float32Array.from(data), shape);
    }
    const answered = await session.run(feeds);
    const outputs = Object.entries(answered).map(([name, { dims, data }]) => ({
      name,
      datatype: 'FP32',
      shape: dims,
      data: Array.from(data as Float32Array),
    }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ model_name: 'model', outputs }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
