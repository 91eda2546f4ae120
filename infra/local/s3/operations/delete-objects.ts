import { AwsError, type WireResponse } from '../../contracts.ts';
import { requireDeletion } from '../access.ts';
import { requireBucket, type S3Context, type S3Request } from '../bucket-access.ts';
import { s3Error } from '../errors.ts';
import { sendNoted } from '../notify.ts';
import { bypassesGovernance } from '../object-lock.ts';
import { readDocument } from '../read-document.ts';
import { childrenNamed, childText, group, leaf, type XmlElement, xmlDocument } from '../xml.ts';
import { type Deletion, deleteOne } from './delete-object.ts';

const MAX_KEYS = 1_000;

const deletedElement = (
  { key, versionId }: { key: string; versionId: string | undefined },
  deletion: Deletion,
): string =>
  group(
    'Deleted',
    leaf('Key', key),
    leaf('VersionId', versionId),
    ...(deletion.isMarker ? [leaf('DeleteMarker', true), leaf('DeleteMarkerVersionId', deletion.versionId)] : []),
  );

const errorElement = (key: string, error: AwsError): string =>
  group('Error', leaf('Key', key), leaf('Code', error.code), leaf('Message', error.message));

export const deleteObjects = async (context: S3Context, request: S3Request): Promise<WireResponse> => {
  const document = await readDocument(request, 'Delete');
  const bucket = requireBucket(context, request);
  const objects = childrenNamed(document, 'Object');
  if (objects.length < 1 || objects.length > MAX_KEYS) throw s3Error('MalformedXML');
  const quiet = childText(document, 'Quiet') === 'true';

  const one = (element: XmlElement): string => {
    const key = childText(element, 'Key');
    if (key === undefined || key === '') throw s3Error('MalformedXML');
    const versionId = childText(element, 'VersionId');
    const etag = childText(element, 'ETag');
    try {
      requireDeletion(context, request, { key, versionId });
      const deletion = deleteOne(context, {
        bucket,
        key,
        versionId,
        ifMatch: etag,
        bypassGovernance: bypassesGovernance(request.headers),
        requestId: request.wire.requestId,
      });
      return quiet ? '' : deletedElement({ key, versionId }, deletion);
    } catch (error) {
      if (error instanceof AwsError) return errorElement(key, error);
      throw error;
    }
  };

  const results = context.store.transaction(() => objects.map(one));
  sendNoted(context);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument('DeleteResult', ...results),
  };
};
