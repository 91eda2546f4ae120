import { describe, expect, it } from 'vitest';
import { endpointOf, objectAddress } from '../../../../../shared/adapters/sigv4/endpoints.ts';

const FRANKFURT = { AWS_REGION: 'eu-central-1' };
const LOCAL = { ...FRANKFURT, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566/' };

describe('the address of a service', () => {
  it.each([
    [FRANKFURT, 'https://dynamodb.eu-central-1.amazonaws.com'],
    [{ AWS_DEFAULT_REGION: 'us-gov-west-1' }, 'https://dynamodb.us-gov-west-1.amazonaws.com'],
    [{ AWS_REGION: 'cn-north-1' }, 'https://dynamodb.cn-north-1.amazonaws.com.cn'],
    [{ AWS_REGION: 'us-east-1', AWS_USE_FIPS_ENDPOINT: 'true' }, 'https://dynamodb-fips.us-east-1.amazonaws.com'],
    [LOCAL, 'http://127.0.0.1:4566'],
    [{ ...LOCAL, AWS_ENDPOINT_URL_DYNAMODB: 'https://vpce.example' }, 'https://vpce.example'],
    [{ ...LOCAL, AWS_ENDPOINT_URL_S3: 'https://vpce.example' }, 'http://127.0.0.1:4566'],
    [{ ...LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, 'https://dynamodb.eu-central-1.amazonaws.com'],
  ])('with %j is %s', (env, address) => {
    expect(endpointOf(env, 'dynamodb')).toBe(address);
  });

  it('is read from the variable that AWS names after it', () => {
    const env = { ...LOCAL, AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: 'https://vpce.example' };

    expect(endpointOf(env, 'application-autoscaling')).toBe('https://vpce.example');
    expect(endpointOf(FRANKFURT, 'application-autoscaling')).toBe(
      'https://application-autoscaling.eu-central-1.amazonaws.com',
    );
  });

  it('is refused where it is not known', () => {
    expect(() => endpointOf({}, 's3')).toThrow('environment variables are missing: AWS_REGION');
    expect(() => endpointOf({ AWS_REGION: 'us-iso-east-1' }, 's3')).toThrow(
      'the address of s3 in region us-iso-east-1 is not known: set AWS_ENDPOINT_URL',
    );
  });
});

describe('the address of an object', () => {
  it('has the bucket in its host, and in its path where the host cannot hold it', () => {
    expect(objectAddress(FRANKFURT, 'models')('a/b c.onnx')).toEqual({
      origin: 'https://models.s3.eu-central-1.amazonaws.com',
      path: '/a/b%20c.onnx',
    });
    expect(objectAddress(FRANKFURT, 'my.models')('a')).toEqual({
      origin: 'https://s3.eu-central-1.amazonaws.com',
      path: '/my.models/a',
    });
    expect(objectAddress(LOCAL, 'models')('a/(b)')).toEqual({
      origin: 'http://127.0.0.1:4566',
      path: '/models/a/%28b%29',
    });
  });
});
