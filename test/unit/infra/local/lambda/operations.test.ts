import {
  AddPermissionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { startMappingBench } from '../../../../helpers/mapping-bench.ts';

const start = async () => {
  const bench = await startMappingBench({ work: (_event, { MODEL }) => MODEL ?? 'none' });
  onTestFinished(() => bench.stop());
  await bench.createFunction();
  const client = new LambdaClient(bench.clientConfig);
  const invoke = async (): Promise<unknown> => {
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'consume' }));
    return JSON.parse(Payload?.transformToString() ?? '');
  };
  return { ...bench, client, invoke };
};

test('runs a function as it was while its update is in progress', async () => {
  const { clock, client, invoke } = await start();
  const status = async () =>
    (await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'consume' }))).LastUpdateStatus;
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'consume', Environment: { Variables: { MODEL: 'v2' } } }),
  );

  const during = [await status(), await invoke()];
  await clock.advanceBy(1_000);
  const after = [await status(), await invoke()];

  expect(during).toEqual(['InProgress', 'none']);
  expect(after).toEqual(['Successful', 'v2']);
});

test('refuses a policy that grows above 20 KB', async () => {
  const { client } = await start();
  const permit = (index: number) =>
    client.send(
      new AddPermissionCommand({
        FunctionName: 'consume',
        StatementId: `statement-${index}`,
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: `arn:aws:events:us-east-1:000000000000:rule/${'x'.repeat(1_500)}`,
      }),
    );

  for (let index = 0; index < 11; index += 1) await permit(index);

  await expect(permit(11)).rejects.toMatchObject({
    name: 'PolicyLengthExceededException',
    message: expect.stringMatching(/^The final policy size \(\d+\) is bigger than the limit \(20480\)\.$/),
  });
});
