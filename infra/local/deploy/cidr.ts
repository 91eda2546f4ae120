import { AwsError } from '../contracts.ts';

const ADDRESS_BITS = 32;
const MAX_BLOCKS = 256;

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** The first `count` blocks of 2^`hostBits` addresses in an IPv4 block: `Fn::Cidr`. */
export const cidrBlocks = (block: string, count: number, hostBits: number): readonly string[] => {
  const [address = '', prefix = ''] = block.split('/');
  const available = 2 ** (ADDRESS_BITS - Number(prefix) - hostBits);
  if (!(count >= 1 && count <= MAX_BLOCKS && count <= available)) {
    throw new AwsError('ValidationError', `Fn::Cidr cannot take ${count} blocks of ${hostBits} bits from ${block}`);
  }
  const size = 2 ** hostBits;
  return Array.from(
    { length: count },
    (_, i) => `${toAddress(toNumber(address) + i * size)}/${ADDRESS_BITS - hostBits}`,
  );
};
