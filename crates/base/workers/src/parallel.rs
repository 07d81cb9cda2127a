//! A map over a slice on several threads.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

/// The most threads that are used. More are of no use, and each takes room.
const MOST: usize = 256;

/// The number of threads to use: the one asked for, up to a bound, or one for each core.
#[must_use]
pub fn available(asked: Option<NonZeroUsize>) -> usize {
    asked.or_else(|| thread::available_parallelism().ok()).map_or(2, NonZeroUsize::get).min(MOST)
}

/// Applies `work` to each item on up to `threads` threads. The results are in the order of the items.
///
/// A panic in `work` goes on in the calling thread.
///
/// ```
/// let squares = workers::parallel_map(&[1, 2, 3], 2, |n| n * n);
/// assert_eq!(squares, [1, 4, 9]);
/// ```
pub fn parallel_map<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    match try_parallel_map(items, threads, |item| Ok::<R, Infallible>(work(item))) {
        Ok(results) => results,
        Err(never) => match never {},
    }
}

/// As [`parallel_map`], for work that can fail. After the first error no new item is begun.
///
/// # Errors
/// An error of `work`. If several items fail, the one with the lowest index that was reached.
pub fn try_parallel_map<T: Sync, R: Send, E: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done: Vec<(usize, Result<R, E>)> = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            let result = work(item);
            if result.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            done.push((index, result));
        }
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(worker)).collect();
        let mut results = worker();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..1_000).collect();
        for threads in [1, 2, 7] {
            let doubled = parallel_map(&items, threads, |item| {
                if item % 13 == 0 {
                    thread::yield_now();
                }
                item * 2
            });
            assert!(doubled.iter().zip(&items).all(|(doubled, item)| *doubled == item * 2));
            assert_eq!(doubled.len(), items.len());
        }
    }

    #[test]
    fn an_error_ends_the_work_early() {
        let begun = AtomicUsize::new(0);
        let items = vec![(); 100_000];
        let result = try_parallel_map(&items, 2, |()| {
            if begun.fetch_add(1, Ordering::Relaxed) == 10 { Err("no more") } else { Ok(()) }
        });
        assert_eq!(result, Err("no more"));
        assert!(begun.into_inner() < items.len());
    }

    #[test]
    fn no_items_need_no_thread() {
        assert_eq!(parallel_map(&[] as &[u8], 4, |byte| *byte), []);
    }
}
