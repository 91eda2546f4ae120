import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { StoredVersion } from './serving-model.ts';

/** Answers what the inference function asks of S3, DynamoDB and Firehose, as fast as a process can; nothing is checked. */

export interface ServingStandIn {
  readonly endpoint: string;
  /** Files, and items as `table pk sk`, in the order of the questions. */
  asked(): readonly string[];
  /** Calls of Firehose so far. */
  putCount(): number;
  /** Lets the process end while it stands. */
  unref(): void;
  stop(): void;
}

interface ItemRequest {
  readonly TableName?: string;
  readonly Key?: { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } };
}

const listening = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

export const startServingStandIn = async ({
  objects,
  items,
}: Pick<StoredVersion, 'objects' | 'items'>): Promise<ServingStandIn> => {
  let puts = 0;
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    const target = request.headers['x-amz-target'];
    if (target === 'DynamoDB_20120810.GetItem') {
      const { TableName, Key } = JSON.parse(body) as ItemRequest;
      asked.push(`${TableName} ${Key?.pk.S} ${Key?.sk.S}`);
      const Item = items.get(`${Key?.pk.S} ${Key?.sk.S}`);
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify({ Item }));
    } else if (target === 'Firehose_20150804.PutRecordBatch') {
      puts += 1;
      response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"FailedPutCount":0}');
    } else {
      const [, ...key] = decodeURIComponent(request.url ?? '')
        .slice(1)
        .split('/');
      asked.push(key.at(-1) ?? '');
      const object = objects.get(key.join('/'));
      response.writeHead(object ? 200 : 404, { 'content-length': object?.length ?? 0 }).end(object);
    }
  });
  await listening(server);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    putCount: () => puts,
    unref: () => void server.unref(),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
