import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../../../infra/aws/config.ts';
import { stageAccess } from '../../../../infra/commands/stage-access.ts';

const [local, dev] = [stageConfig('local'), stageConfig('dev')];
const endpoint = 'http://127.0.0.1:7000';

describe('how a stage is reached', () => {
  it('is left to the environment on AWS', () => {
    expect(stageAccess({}, dev, {})).toEqual({});
    expect(stageAccess({ region: 'eu-west-1', profile: 'ops' }, dev, {})).toEqual({
      region: 'eu-west-1',
      profile: 'ops',
    });
  });

  it('takes the region of the stage, unless another is said', () => {
    const placed = { ...dev, region: 'eu-north-1' };

    expect(stageAccess({}, placed, {})).toEqual({ region: 'eu-north-1' });
    expect(stageAccess({}, placed, { AWS_REGION: 'us-west-2' })).toEqual({});
    expect(stageAccess({ region: 'eu-west-1' }, placed, {})).toEqual({ region: 'eu-west-1' });
  });

  it('needs neither region nor credentials on an embedded cloud', () => {
    const defaults = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

    expect(stageAccess({ endpoint }, dev, {})).toEqual({ endpoint, ...defaults });
    expect(stageAccess({}, local, {})).toEqual({ endpoint: 'http://127.0.0.1:4566', ...defaults });
    expect(stageAccess({}, dev, { AWS_ENDPOINT_URL: endpoint })).toEqual({ endpoint, ...defaults });
  });

  it('keeps the credentials and region that were given to it', () => {
    const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIA' };

    expect(stageAccess({ endpoint }, local, environment)).toEqual({ endpoint });
    expect(stageAccess({ endpoint, profile: 'ops', region: 'eu-west-1' }, local, {})).toEqual({
      endpoint,
      profile: 'ops',
      region: 'eu-west-1',
    });
  });
});
