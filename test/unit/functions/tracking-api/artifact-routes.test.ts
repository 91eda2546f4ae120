import { describe, expect, it } from 'vitest';
import { openArtifactBench } from '../../../helpers/artifact-bench.ts';

const ROOT = '/api/2.0/mlflow-artifacts';
const bytes = (text: string) => new TextEncoder().encode(text);

describe('proxied artifacts', () => {
  it('are put, listed by name, sent on to where they lie, and deleted', async () => {
    const { ask } = openArtifactBench();
    const path = `${ROOT}/artifacts/1/r/artifacts/a%20b/%C3%BC.txt`;

    expect(await ask('PUT', path, { body: bytes('hello'), headers: { 'content-type': 'text/plain' } })).toMatchObject({
      status: 200,
      body: {},
    });
    const listed = await ask('GET', `${ROOT}/artifacts`, { query: { path: '1/r/artifacts/a b' } });
    const read = await ask('GET', path);

    expect(listed.body).toEqual({ files: [{ path: 'ü.txt', is_dir: false, file_size: 5 }] });
    expect(read).toMatchObject({
      status: 307,
      headers: { location: 'memory:/tracking/default/artifacts/1/r/artifacts/a b/ü.txt', 'cache-control': 'no-store' },
      body: '',
    });
    expect((await ask('DELETE', `${ROOT}/artifacts/1/r/artifacts/`)).status).toBe(200);
    expect(await ask('GET', path)).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
  });

  it('list directories without a size, and nothing as an empty message', async () => {
    const { ask } = openArtifactBench();
    await ask('PUT', `${ROOT}/artifacts/1/x`, { body: bytes('') });

    expect((await ask('GET', `${ROOT}/artifacts`)).body).toEqual({ files: [{ path: '1', is_dir: true }] });
    expect((await ask('GET', `${ROOT}/artifacts`, { query: { path: '1' } })).body).toEqual({
      files: [{ path: 'x', is_dir: false, file_size: 0 }],
    });
    expect((await ask('GET', `${ROOT}/artifacts`, { query: { path: 'none' } })).body).toEqual({});
  });

  it.each([
    ['PUT', '/artifacts/1/%2e%2e/%2e%2e/x'],
    ['PUT', '/artifacts/%2Fetc/passwd'],
    ['GET', '/artifacts/1/%252e%252e/x'],
    ['GET', '/presigned/1/..%2Fx'],
    ['DELETE', '/artifacts/..%5Cx'],
    ['POST', '/mpu/create/%2e%2e'],
  ])('refuse to %s what leads out: %s', async (method, path) => {
    const body = method === 'POST' ? { path: 'x', num_parts: 1 } : bytes('x');

    expect(await openArtifactBench().ask(method, `${ROOT}${path}`, { body })).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid path' },
    });
  });

  it('refuse to list what leads out', async () => {
    const answer = await openArtifactBench().ask('GET', `${ROOT}/artifacts`, { query: { path: '../x' } });

    expect(answer).toMatchObject({ status: 400, body: { message: 'Invalid path' } });
  });

  it('refuse a body that Lambda does not carry, and say what does', async () => {
    const answer = await openArtifactBench().ask('PUT', `${ROOT}/artifacts/1/x`, { body: new Uint8Array(4_500_001) });

    expect(answer.status).toBe(413);
    expect(answer.body.message).toMatch(/4500001 bytes.*MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD/);
  });

  it('refuse to overwrite what a pipeline registered', async () => {
    const answer = await openArtifactBench().ask('PUT', `${ROOT}/artifacts/models/late/abc/model.onnx`, {
      body: bytes('x'),
    });

    expect(answer).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
  });

  it('come in parts to the directory, under the name of the local file', async () => {
    const { ask } = openArtifactBench();
    const path = '/home/ann/big.bin';

    const created = await ask('POST', `${ROOT}/mpu/create/1/r/artifacts`, { body: { path, num_parts: '2' } });
    const { upload_id, credentials } = created.body;
    const parts = [1, 2].map((part_number) => ({ part_number, etag: `"e${part_number}"`, url: 'x' }));
    const completed = await ask('POST', `${ROOT}/mpu/complete/1/r/artifacts`, { body: { path, upload_id, parts } });

    expect(credentials).toEqual(
      [1, 2].map((part_number) => ({
        url: `memory:/tracking/default/artifacts/1/r/artifacts/big.bin?partNumber=${part_number}`,
        part_number,
        headers: {},
      })),
    );
    expect(completed).toMatchObject({ status: 200, body: {} });
    expect((await ask('GET', `${ROOT}/artifacts/1/r/artifacts/big.bin`)).status).toBe(307);
  });

  it('let go of an upload, and refuse one that is not whole', async () => {
    const { ask } = openArtifactBench();
    const { upload_id } = (await ask('POST', `${ROOT}/mpu/create/1`, { body: { path: 'x' } })).body;
    const complete = (body: object) => ask('POST', `${ROOT}/mpu/complete/1`, { body });

    expect(await complete({ path: 'x', upload_id })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^Missing value for required parameter 'parts'/) },
    });
    expect(await complete({ upload_id, parts: [{ part_number: 1, etag: 'e' }] })).toMatchObject({ status: 400 });
    expect(await complete({ path: 'x', parts: [{ part_number: 1, etag: 'e' }] })).toMatchObject({ status: 400 });
    expect(await complete({ path: 'x', upload_id, parts: [{ etag: 'e' }] })).toMatchObject({ status: 400 });
    expect((await ask('POST', `${ROOT}/mpu/abort/1`, { body: { path: 'x', upload_id } })).status).toBe(200);
    expect(await complete({ path: 'x', upload_id, parts: [{ part_number: 1, etag: 'e' }] })).toMatchObject({
      status: 404,
    });
    expect(await ask('POST', `${ROOT}/mpu/create/1`, { body: { path: 'x', num_parts: 10_001 } })).toMatchObject({
      status: 400,
    });
  });

  it('have a presigned URL with their size', async () => {
    const { ask } = openArtifactBench();
    await ask('PUT', `${ROOT}/artifacts/1/x`, { body: bytes('12345') });

    expect((await ask('GET', `${ROOT}/presigned/1/x`)).body).toEqual({
      url: 'memory:/tracking/default/artifacts/1/x',
      headers: {},
      file_size: 5,
    });
    expect((await ask('GET', `${ROOT}/presigned/1/y`)).status).toBe(404);
  });
});
