/** Tables of what the page and the service worker keep on this device beside the core's own store. */
export type Table = 'kept' | 'shared';

const NAME = 'doorpost-device';
const VERSION = 1;
let opening: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('kept' satisfies Table, { keyPath: ['account_id', 'place'] });
      request.result.createObjectStore('shared' satisfies Table);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });
  return opening;
}

/** One transaction on one table: comes back once it is on the disk, with the answer to the request that `work` made. */
export async function transact<T>(table: Table, mode: IDBTransactionMode, work: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(table, mode);
  const request = work(transaction.objectStore(table));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error!);
  });
}
