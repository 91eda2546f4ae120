import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { AwsError, type LocalService, type ServiceContext, type WireRequest, type WireResponse } from '../contracts.ts';
import { openBlobFiles, openBlobMemory } from './blob-store.ts';
import type { S3Context } from './bucket-access.ts';
import { createLifecycleTimer } from './lifecycle.ts';
import { sendNoted } from './notify.ts';
import { openObjectStore } from './object-store.ts';
import type { ObjectEvent } from './records.ts';
import { createBucketPolicyProvider, createBucketProvider } from './resources.ts';
import { dispatch, s3Operations } from './router.ts';
import { errorDocument, leaf } from './xml.ts';

const withIds = (request: WireRequest, response: WireResponse): WireResponse => ({
  ...response,
  headers: {
    server: 'AmazonS3',
    'x-amz-request-id': request.requestId,
    'x-amz-id-2': Buffer.from(request.requestId).toString('base64'),
    ...response.headers,
  },
});

const isHeader = (name: string): boolean => name.startsWith('x-amz-');

const renderError = (request: WireRequest, error: AwsError): WireResponse => {
  const extra = Object.entries(error.extra).map(([name, value]) => [name, String(value)] as const);
  const headers = {
    'content-type': 'application/xml',
    ...Object.fromEntries(extra.filter(([name]) => isHeader(name))),
  };
  // An answer to HEAD has no body: the status alone tells.
  if (request.method === 'HEAD') return withIds(request, { status: error.status, headers });
  const body = errorDocument(
    leaf('Code', error.code),
    leaf('Message', error.message),
    ...extra.filter(([name]) => !isHeader(name)).map(([name, value]) => leaf(name, value)),
    leaf('Resource', request.url.pathname),
    leaf('RequestId', request.requestId),
    leaf('HostId', Buffer.from(request.requestId).toString('base64')),
  );
  return withIds(request, { status: error.status, headers, body });
};

export interface S3Options {
  /** Files and SQLite under `<folder>/s3`, or this process's memory alone, for simulations. @default 'files' */
  readonly blobs?: 'files' | 'memory';
}

export const createS3Service = (context: ServiceContext, { blobs: kind = 'files' }: S3Options = {}): LocalService => {
  const { region, accountId, partition, clock, ids, access } = context;
  const folder = kind === 'files' ? join(context.store.folder, 's3') : undefined;
  const blobs = folder === undefined ? openBlobMemory() : openBlobFiles(folder);
  const store = openObjectStore({ folder, blobs, ids });
  const send = ({ bucket, detailType, detail }: ObjectEvent): void => {
    context.ports.putEvent({
      busName: 'default',
      source: 'aws.s3',
      detailType,
      detail,
      resources: [`arn:${partition}:s3:::${bucket}`],
    });
  };
  const cloud: S3Context = {
    identity: { region, accountId, partition },
    store,
    ids,
    access,
    nowMs: () => clock.nowMs(),
    send,
    armLifecycle: () => lifecycle.arm(),
  };
  const lifecycle = createLifecycleTimer(cloud, clock);
  const handle = async (request: WireRequest): Promise<WireResponse> => {
    try {
      return withIds(request, await dispatch(cloud, request));
    } catch (error) {
      if (error instanceof AwsError) return renderError(request, error);
      throw error;
    }
  };
  return {
    signingName: 's3',
    resources: {
      'AWS::S3::Bucket': createBucketProvider(cloud, lifecycle),
      'AWS::S3::BucketPolicy': createBucketPolicyProvider(cloud),
    },
    handle: Object.assign(handle, { operations: s3Operations }),
    start: async () => {
      sendNoted(cloud);
      lifecycle.arm();
    },
    stop: async () => {
      lifecycle.stop();
      store.close();
    },
  };
};
