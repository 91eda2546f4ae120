import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { S3Request } from './bucket-access.ts';
import { checksumHeader, createChecksum } from './checksums.ts';
import { createChunkedDecoder } from './chunked-body.ts';
import { s3Error } from './errors.ts';
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

const rootNamed = (document: XmlElement, root: string): XmlElement => {
  if (document.name !== root) throw s3Error('MalformedXML');
  return document;
};

/** An XML request body with the given root. @throws AwsError MalformedXML, BadDigest */
export const readDocument = async (request: S3Request, root: string): Promise<XmlElement> =>
  rootNamed(parseXml((await readSmallBody(request)).toString('utf8')), root);

/** The same for a request whose checksum headers speak of the object, not of the body. */
export const readUncheckedDocument = async ({ wire }: S3Request, root: string): Promise<XmlElement> =>
  rootNamed(parseXml((await wire.readBody(MAX_DOCUMENT_BYTES)).toString('utf8')), root);
