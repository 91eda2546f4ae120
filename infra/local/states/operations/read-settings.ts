import type { Fields } from '../../protocols/fields.ts';
import type { LoggingConfiguration } from '../records.ts';

/** Loggings's members as the API spells them; `upper` for CloudFormation's spelling. */
export const readLogging = (fields: Fields, upper = false): LoggingConfiguration => {
  const name = (member: string): string => (upper ? member.charAt(0).toUpperCase() + member.slice(1) : member);
  const level = fields.choice(name('level'), ['ALL', 'ERROR', 'FATAL', 'OFF']);
  const includeExecutionData = fields.flag(name('includeExecutionData'));
  const destinations = fields.list(name('destinations'), (destination) => ({
    cloudWatchLogsLogGroup: {
      logGroupArn:
        destination.object(name('cloudWatchLogsLogGroup'), (group) => group.requiredText(name('logGroupArn'))) ?? '',
    },
  }));
  return {
    ...(level === undefined ? {} : { level }),
    ...(includeExecutionData === undefined ? {} : { includeExecutionData }),
    ...(destinations === undefined ? {} : { destinations }),
  };
};

/** Tags as a list of key and value. */
export const readTags = (
  fields: Fields,
  member: string,
  key: string,
  value: string,
): Readonly<Record<string, string>> => {
  const tags = fields.list(member, (tag) => [tag.requiredText(key), tag.text(value) ?? ''] as const) ?? [];
  return Object.fromEntries(tags);
};

/** Only AWS-owned keys: a document here is not encrypted. */
export const refuseEncryption = (fields: Fields): void => {
  fields.object('encryptionConfiguration', (encryption) => encryption.choice('type', ['AWS_OWNED_KEY']));
};
