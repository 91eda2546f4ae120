import { toyModel } from '../../../toy-model.ts';

/** Waits for a person: its versions are uploaded, approved, rejected, rolled back. */
export default toyModel('weir', { approval: 'manual' });
