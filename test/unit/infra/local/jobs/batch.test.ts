import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultSource, type JobFault, NO_FAULTS, type WireRequest } from '../../../../../infra/local/contracts.ts';
import type { JobRecord } from '../../../../../infra/local/jobs/batch/records.ts';
import { moveMounts } from '../../../../../infra/local/jobs/batch/run-task.ts';
import { createBatchService } from '../../../../../infra/local/jobs/batch.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

type Json = Readonly<Record<string, unknown>>;
interface Batch {
  readonly local: StartedService;
  /** Resolves when a job has written something. */
  readonly firstLine: Promise<void>;
  readonly send: (path: string, body: Json) => Promise<Json>;
  readonly create: (type: string, logicalId: string, properties: Json) => Promise<string>;
}

const ROLE = 'arn:aws:iam::000000000000:role/job';

describe('batch jobs', () => {
  let folder: string;
  const started: StartedService[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-batch-test-'));
  });
  afterEach(async () => {
    for (const local of started.splice(0)) await local.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Every image is a script of the name. */
  const open = async (scripts: Readonly<Record<string, string>>, faults: FaultSource = NO_FAULTS): Promise<Batch> => {
    const images = Object.entries(scripts).map(([name, body]) => {
      const file = join(folder, `${name}.cjs`);
      writeFileSync(file, `const fs = require('node:fs'); const { env, argv } = process;\n${body}`);
      return [name, [process.execPath, file]] as const;
    });
    const call = async () => ({ Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't' } });
    let wroteLine = (): void => {};
    const firstLine = new Promise<void>((resolve) => {
      wroteLine = resolve;
    });
    const local = await startLocalService(
      (context) => createBatchService(context, { localImages: Object.fromEntries(images), stopGraceMs: 200 }),
      { ports: { call, putLogLine: () => wroteLine() }, folder: join(folder, 'state'), durable: true, faults },
    );
    started.push(local);
    const service = local.services[0];
    if (!service) throw new Error('the service did not start');
    return {
      local,
      firstLine,
      send: async (path, body) => {
        const buffer = Buffer.from(JSON.stringify(body));
        const request = {
          method: 'POST',
          url: new URL(`/v1/${path}`, local.endpoint),
          headers: {},
          requestId: 'r',
          readBody: async () => buffer,
        };
        const response = await service.handle(request as unknown as WireRequest);
        const answer = JSON.parse(String(response.body)) as Json;
        if (response.status !== 200)
          throw new Error(`${response.headers?.['x-amzn-errortype']}: ${String(answer.message)}`);
        return answer;
      },
      create: async (type, logicalId, properties) => {
        const context = { stackName: 's', logicalId, generatedName: `s-${logicalId}-1`, properties };
        const resource = await service.resources[type]?.create(context);
        return resource?.physicalId ?? '';
      },
    };
  };

  const createQueue = async ({ create }: Batch): Promise<string> => {
    const environment = await create('AWS::Batch::ComputeEnvironment', 'Cpu', {
      Type: 'MANAGED',
      ComputeResources: {
        Type: 'SPOT',
        MinvCpus: 0,
        MaxvCpus: 8,
        InstanceTypes: ['optimal'],
        Subnets: ['s'],
        SecurityGroupIds: ['g'],
      },
    });
    return create('AWS::Batch::JobQueue', 'Queue', {
      Priority: 1,
      ComputeEnvironmentOrder: [{ Order: 1, ComputeEnvironment: environment }],
    });
  };

  const single = (fields: Json = {}, container: Json = {}): Json => ({
    Type: 'container',
    ContainerProperties: {
      Image: 'work',
      JobRoleArn: ROLE,
      ResourceRequirements: [{ Type: 'VCPU', Value: '1' }],
      ...container,
    },
    ...fields,
  });

  /** Provisions, submits and runs one job to its end. */
  const run = async (batch: Batch, definition: Json, submission: Json = {}): Promise<Json> => {
    const jobQueue = await createQueue(batch);
    const jobDefinition = await batch.create('AWS::Batch::JobDefinition', 'Train', definition);
    const { jobId } = await batch.send('submitjob', { jobName: 'job', jobQueue, jobDefinition, ...submission });
    await batch.local.clock.settle();
    const { jobs } = await batch.send('describejobs', { jobs: [jobId] });
    return (jobs as Json[])[0] ?? {};
  };

  const member = (name: string, fields: Json = {}): Json => ({
    Name: name,
    Image: name,
    Essential: false,
    MountPoints: [{ SourceVolume: 'ml', ContainerPath: '/opt/ml' }],
    ...fields,
  });
  const dependingOn = (name: string): Json => ({ DependsOn: [{ ContainerName: name, Condition: 'SUCCESS' }] });
  const trio: Json = {
    Type: 'container',
    EcsProperties: {
      TaskProperties: [
        {
          Containers: [
            member('upload', { Essential: true, ...dependingOn('train') }),
            member('train', { ...dependingOn('fetch'), Environment: [{ Name: 'OUT', Value: '/opt/ml/model' }] }),
            member('fetch', { Command: ['sh', '-c', 'cp x /opt/ml/input'] }),
          ],
          Volumes: [{ Name: 'ml' }],
          TaskRoleArn: ROLE,
        },
      ],
    },
  };

  it('is repeated by its rules when an injected fault kills it or takes its host away', async () => {
    const faults: readonly JobFault[] = [
      { kind: 'kill', afterMs: 300 },
      { kind: 'spot-interruption', afterMs: 300 },
    ];
    const batch = await open(
      { work: "if (env.AWS_BATCH_JOB_ATTEMPT === '3') process.exit(0); setInterval(() => {}, 1000);" },
      { ...NO_FAULTS, job: ({ attempt }) => faults[attempt - 1] },
    );

    const job = await run(batch, single({ RetryStrategy: { Attempts: 3 } }));

    const attempts = job.attempts as { statusReason: string; container: { exitCode?: number } }[];
    expect(job.status).toBe('SUCCEEDED');
    expect(attempts.map(({ statusReason, container }) => [statusReason, container.exitCode])).toEqual([
      ['Essential container in task exited', 137],
      ['Host EC2 (embedded cloud) terminated.', 143],
      ['Essential container in task exited', 0],
    ]);
  });

  it('fetches, trains and uploads in containers that share /opt/ml', async () => {
    const batch = await open({
      fetch: `fs.writeFileSync(env.MILLRACE_ML_ROOT + '/data', argv.at(-1) === 'cp x ' + env.MILLRACE_ML_ROOT + '/input' ? 'fetched' : 'wrong');`,
      train: `fs.mkdirSync(env.OUT); fs.writeFileSync(env.OUT + '/m', fs.readFileSync(env.MILLRACE_ML_ROOT + '/data', 'utf8') + ' ' + env.EPOCHS);`,
      upload: `console.log('uploaded ' + fs.readFileSync(env.MILLRACE_ML_ROOT + '/model/m', 'utf8') + ' as ' + env.AWS_ACCESS_KEY_ID);`,
    });

    const job = await run(batch, trio, {
      ecsPropertiesOverride: {
        taskProperties: [{ containers: [{ name: 'train', environment: [{ name: 'EPOCHS', value: '3' }] }] }],
      },
    });

    expect(job).toMatchObject({ status: 'SUCCEEDED', statusReason: 'Essential container in task exited' });
    const lines = batch.local.recorded.logLines.map(({ message }) => message);
    expect(lines).toEqual(['uploaded fetched 3 as ASIA']);
    const states = batch.local.recorded.events.map(({ detailType, detail }) => [detailType, (detail as Json).status]);
    expect(states).toEqual(
      ['RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED'].map((status) => ['Batch Job State Change', status]),
    );
    expect(batch.local.recorded.problems).toEqual([]);
  });

  it('fails the job when a container fails that an essential one waits for', async () => {
    const batch = await open({ fetch: '', train: 'process.exit(7)', upload: `console.log('uploaded')` });

    const job = await run(batch, trio);

    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'Container upload cannot start: a container that it depends on failed',
    });
    expect(JSON.stringify(job.attempts)).toContain('"name":"train","logStreamName"');
    expect(JSON.stringify(job.ecsProperties)).toContain('"exitCode":7');
    expect(batch.local.recorded.logLines).toEqual([]);
  });

  it('gives a single container its parameters, overrides and identity', async () => {
    const batch = await open({
      work: `console.log([...argv.slice(2), env.A, env.B, env.AWS_BATCH_JOB_ATTEMPT].join(' '));`,
    });

    const job = await run(
      batch,
      single(
        { Parameters: { model: 'default' } },
        { Command: ['run', 'Ref::model'], Environment: [{ Name: 'A', Value: 'a' }] },
      ),
      { parameters: { model: 'flight' }, containerOverrides: { environment: [{ name: 'B', value: 'b' }] } },
    );

    expect(job).toMatchObject({ status: 'SUCCEEDED', container: { exitCode: 0 } });
    expect(batch.local.recorded.logLines.map(({ message }) => message)).toEqual(['run flight a b 1']);
  });

  it('tries again as often as the strategy says, unless a rule says exit', async () => {
    const batch = await open({ work: `process.exit(env.AWS_BATCH_JOB_ATTEMPT === '2' ? 0 : 9)` });
    const exit = { Attempts: 3, EvaluateOnExit: [{ Action: 'EXIT', OnExitCode: '9' }] };

    const again = await run(batch, single({ RetryStrategy: { Attempts: 3 } }));
    const once = await run(batch, single({ RetryStrategy: exit }));

    expect(again).toMatchObject({
      status: 'SUCCEEDED',
      attempts: [{ container: { exitCode: 9 } }, { container: { exitCode: 0 } }],
    });
    expect(once).toMatchObject({ status: 'FAILED', attempts: [{ container: { exitCode: 9 } }] });
  });

  it('starts a job after those it depends on, and fails it with them', async () => {
    const batch = await open({ work: `process.exit(Number(argv[2] ?? 0))` });
    const jobQueue = await createQueue(batch);
    const jobDefinition = await batch.create('AWS::Batch::JobDefinition', 'Train', single());
    const submit = async (jobName: string, fields: Json): Promise<unknown> =>
      (await batch.send('submitjob', { jobName, jobQueue, jobDefinition, ...fields })).jobId;
    const good = await submit('good', {});
    const bad = await submit('bad', { containerOverrides: { command: ['1'] } });

    const then = await submit('then', { dependsOn: [{ jobId: good }] });
    const never = await submit('never', { dependsOn: [{ jobId: bad }] });
    await batch.local.clock.settle();
    const { jobs } = await batch.send('describejobs', { jobs: [then, never] });

    expect((jobs as Json[]).map(({ status, statusReason }) => [status, statusReason])).toEqual([
      ['SUCCEEDED', 'Essential container in task exited'],
      ['FAILED', 'Dependent Job failed'],
    ]);
  });

  it('terminates a job that runs, with its processes', async () => {
    const batch = await open({
      work: `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready');`,
    });
    const jobQueue = await createQueue(batch);
    const jobDefinition = await batch.create('AWS::Batch::JobDefinition', 'Train', single());
    const { jobId } = await batch.send('submitjob', { jobName: 'job', jobQueue, jobDefinition });
    await batch.firstLine;

    await batch.send('terminatejob', { jobId, reason: 'enough' });
    await batch.local.clock.settle();
    const { jobs } = await batch.send('describejobs', { jobs: [jobId] });

    expect((jobs as Json[])[0]).toMatchObject({ status: 'FAILED', statusReason: 'enough', isTerminated: true });
  });

  it('finds a job that ran when the process was killed, and tries it again if it may', async () => {
    const first = await open({ work: '' });
    const spec = single({ RetryStrategy: { Attempts: 2 } });
    const { jobId } = await run(first, spec);
    const jobs = first.local.store.table<JobRecord>('batch/jobs');
    const record = jobs.get(String(jobId));
    if (!record) throw new Error('the job is gone');
    jobs.put(record.id, { ...record, status: 'RUNNING', attempts: [] });
    jobs.put('lost', { ...record, id: 'lost', status: 'RUNNING', attempts: [], spec: { ...record.spec, attempts: 1 } });

    const second = await open({ work: '' });
    await second.local.clock.settle();
    const { jobs: found } = await second.send('describejobs', { jobs: [record.id, 'lost'] });

    expect((found as Json[]).map(({ status, statusReason }) => [status, statusReason])).toEqual([
      ['SUCCEEDED', 'Essential container in task exited'],
      ['FAILED', 'Host EC2 (embedded cloud) terminated.'],
    ]);
  });

  it('registers a revision per text and refuses what it does not support, by name', async () => {
    const batch = await open({ work: '' });
    const register = (fields: Json) =>
      batch.send('registerjobdefinition', {
        jobDefinitionName: 'd',
        type: 'container',
        containerProperties: { image: 'work' },
        ...fields,
      });

    const revisions = [await register({}), await register({}), await register({ parameters: { a: 'b' } })];

    expect(revisions.map(({ revision }) => revision)).toEqual([1, 1, 2]);
    await expect(register({ type: 'multinode' })).rejects.toThrow('type must be one of container');
    await expect(register({ containerProperties: { image: 'work', secrets: [{ name: 'S' }] } })).rejects.toThrow(
      'secrets',
    );
    await expect(register({ eksProperties: {} })).rejects.toThrow('eksProperties is not supported');
    await expect(batch.create('AWS::Batch::SchedulingPolicy', 'P', {})).rejects.toThrow(
      'AWS::Batch::SchedulingPolicy is not supported',
    );
  });
});

it('moves the paths of mounts and nothing that only looks like them', () => {
  const mounts = [['/opt/ml', '/tmp/x']] as const;

  expect(moveMounts('cp /opt/ml/a /opt/ml:/opt/mlops s3://b/opt/ml/c', mounts)).toBe(
    'cp /tmp/x/a /tmp/x:/opt/mlops s3://b/opt/ml/c',
  );
});
