import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { S3Request } from './bucket-access.ts';
import { checksumHeader, createChecksum } from './checksums.ts';
import { createChunkedDecoder } from './chunked-body.ts';
import { notImplemented, s3Error } from './errors.ts';
import { requestedAlgorithm } from './receive-body.ts';
import { parseXml, type XmlElement } from './xml.ts';

const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** A small request body in memory, verified like an object's. @throws AwsError BadDigest */
export const readSmallBody = async ({ wire, headers }: S3Request): Promise<Buffer> => {
  const raw = await wire.readBody(MAX_DOCUMENT_BYTES);
  const decoder = headers['x-amz-content-sha256']?.startsWith('STREAMING-') ? createChunkedDecoder() : undefined;
  const body = decoder ? Buffer.concat(decoder.decode(raw)) : raw;
  const trailers = decoder?.finish() ?? {};
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== hash('md5', body, 'base64')) throw s3Error('BadDigest');
  const algorithm = requestedAlgorithm(headers);
  if (algorithm !== undefined) {
    const checksum = createChecksum(algorithm);
    checksum.update(body);
    const name = checksumHeader(algorithm);
    const given = headers[name] ?? trailers[name];
    if (given !== undefined && given !== checksum.digest()) throw s3Error('BadDigest');
  }
  return body;
};

/** Elements that the operation does not know ask for something that is not here. @throws AwsError NotImplemented */
const refuseUnknown = (element: XmlElement, known: readonly string[], path: string): void => {
  for (const child of element.children) {
    const name = path === '' ? child.name : `${path}.${child.name}`;
    if (!known.some((one) => one === name || one.startsWith(`${name}.`))) throw notImplemented(`element ${name}`);
    refuseUnknown(child, known, name);
  }
};

/** The document that a route knows. @throws AwsError MalformedXML, NotImplemented */
export const checkedDocument = (text: string, root: string, { route }: S3Request): XmlElement => {
  const document = parseXml(text);
  if (document.name !== root) throw s3Error('MalformedXML');
  refuseUnknown(document, route.elements ?? [], '');
  return document;
};

/** An XML request body with the given root. @throws AwsError MalformedXML, BadDigest */
export const readDocument = async (request: S3Request, root: string): Promise<XmlElement> =>
  checkedDocument((await readSmallBody(request)).toString('utf8'), root, request);

/** The same for a request whose checksum headers speak of the object, not of the body. */
export const readUncheckedDocument = async (request: S3Request, root: string): Promise<XmlElement> =>
  checkedDocument((await request.wire.readBody(MAX_DOCUMENT_BYTES)).toString('utf8'), root, request);
