// A module of ours, so that a dynamic import of it has these names in a bundle as well: one of a CommonJS package has only `default` there.
export { Queue, Worker } from 'bullmq';
