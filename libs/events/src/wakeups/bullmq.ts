// Our own module, because a dynamic import of a CommonJS package has only `default` in a bundle. An import of this one
// also has these names there.
export { Queue, Worker } from 'bullmq';
