import { s3Error } from './errors.ts';
import { childrenNamed, childText, group, leaf, type XmlElement, xmlDocument } from './xml.ts';

/** The tags of a Tagging document, in order. @throws AwsError MalformedXML */
export const readTagging = (document: XmlElement): readonly (readonly [string, string])[] =>
  childrenNamed(document, 'TagSet')
    .flatMap((set) => childrenNamed(set, 'Tag'))
    .map((tag) => {
      const key = childText(tag, 'Key');
      if (key === undefined) throw s3Error('MalformedXML');
      return [key, childText(tag, 'Value') ?? ''] as const;
    });

export const taggingDocument = (tags: Readonly<Record<string, string>>): string =>
  xmlDocument(
    'Tagging',
    group(
      'TagSet',
      ...Object.entries(tags).map(([key, value]) => group('Tag', leaf('Key', key), leaf('Value', value))),
    ),
  );
