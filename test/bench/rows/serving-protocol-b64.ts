import { protocolRow } from '../protocol-requests.ts';

export const row = protocolRow(64);
