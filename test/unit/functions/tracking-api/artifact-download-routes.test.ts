import { beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactBench, openArtifactBench } from '../../../helpers/artifact-bench.ts';

const LIST = '/api/2.0/mlflow/artifacts/list';
const PRESIGNED = '/api/2.0/mlflow/artifacts/presigned-download-url';

let bench: ArtifactBench;
beforeEach(async () => {
  bench = openArtifactBench();
  const body = new TextEncoder().encode('hello');
  await bench.ports.artifacts.put('1/proxied/artifacts/model/MLmodel', body);
  await bench.ports.artifacts.put('1/proxied/artifacts/note.txt', body);
  await bench.ports.artifacts.put('2/ours/note.txt', body);
});

describe('artifacts of a run', () => {
  it('are listed by their paths below the run', async () => {
    expect((await bench.ask('GET', LIST, { query: { run_id: 'proxied' } })).body).toEqual({
      root_uri: 'mlflow-artifacts:/1/proxied/artifacts',
      files: [
        { path: 'model', is_dir: true },
        { path: 'note.txt', is_dir: false, file_size: 5 },
      ],
    });
    expect((await bench.ask('GET', LIST, { query: { run_uuid: 'proxied', path: 'model/' } })).body.files).toEqual([
      { path: 'model/MLmodel', is_dir: false, file_size: 5 },
    ]);
    expect((await bench.ask('GET', LIST, { query: { run_id: 'proxied', path: 'note.txt' } })).body).toEqual({
      root_uri: 'mlflow-artifacts:/1/proxied/artifacts',
    });
  });

  it('are listed where an s3 URI names our own bucket', async () => {
    expect((await bench.ask('GET', LIST, { query: { run_id: 'ours' } })).body.files).toEqual([
      { path: 'note.txt', is_dir: false, file_size: 5 },
    ]);
  });

  it.each([
    ['GET', LIST],
    ['GET', '/get-artifact'],
    ['POST', PRESIGNED],
  ])("are the client's own business elsewhere: %s %s", async (method, path) => {
    const message = { run_id: 'theirs', path: 'x' };
    const asked = method === 'GET' ? { query: message } : { body: message };

    expect(await bench.ask(method, path, asked)).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^the artifacts of run theirs are at s3:\/\/somebody\/else, which/) },
    });
  });

  it('never lie outside of it', async () => {
    for (const path of ['../other/x', '/1/other', '%2e%2e/x']) {
      for (const route of [LIST, '/get-artifact']) {
        const answer = await bench.ask('GET', route, { query: { run_id: 'proxied', path } });

        expect(answer).toMatchObject({ status: 400, body: { message: 'Invalid path' } });
      }
    }
  });

  it('are saved by a browser under their name', async () => {
    const query = { run_id: 'proxied', path: 'model/MLmodel' };

    expect(await bench.ask('GET', '/get-artifact', { query })).toMatchObject({
      status: 302,
      headers: { location: 'memory:/tracking/default/artifacts/1/proxied/artifacts/model/MLmodel?as=MLmodel' },
    });
    expect((await bench.ask('GET', '/get-artifact', { query: { ...query, path: 'none' } })).status).toBe(404);
    expect((await bench.ask('GET', '/get-artifact', { query: { run_id: 'proxied' } })).status).toBe(400);
  });

  it('have a presigned URL', async () => {
    const answer = await bench.ask('POST', PRESIGNED, { body: { run_id: 'proxied', path: 'note.txt' } });

    expect(answer.body).toEqual({
      url: 'memory:/tracking/default/artifacts/1/proxied/artifacts/note.txt',
      headers: {},
      file_size: 5,
    });
  });

  it('need a run that exists', async () => {
    expect((await bench.ask('GET', LIST, { query: { run_id: 'none' } })).status).toBe(404);
    expect((await bench.ask('GET', LIST)).status).toBe(400);
  });
});

describe('artifacts of a model version', () => {
  const get = (query: Readonly<Record<string, string>>) => bench.ask('GET', '/model-versions/get-artifact', { query });

  it('are saved from where the version has its files', async () => {
    expect(await get({ name: 'late', version: '1', path: 'model/MLmodel' })).toMatchObject({
      status: 302,
      headers: { location: 'memory:/tracking/default/artifacts/1/proxied/artifacts/model/MLmodel?as=MLmodel' },
    });
  });

  it('are not there when the version, the file or our storage is not', async () => {
    expect((await get({ name: 'late', version: '1', path: 'none' })).status).toBe(404);
    expect((await get({ name: 'late', version: '3', path: 'x' })).status).toBe(404);
    expect((await get({ name: 'late', version: '1', path: '../x' })).status).toBe(400);
    expect(await get({ name: 'late', version: '2', path: 'x' })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^the artifacts of model version late@2 are at s3/) },
    });
  });
});
