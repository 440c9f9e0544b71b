// Threads that lock, wait, sleep in a condition, are cancelled and joined: what std/threads is for.

#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

#include "need.h"

enum { kThreads = 8 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int running;

static void* work(void* unused) {
  void* const memory = malloc(50000);
  pthread_mutex_lock(&lock);
  running++;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  free(memory);
  return unused;
}

static void* wait_forever(void* unused) {
  pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&own);
  for (;;) pthread_cond_wait(&changed, &own);
  return unused;
}

int main(void) {
  pthread_t threads[kThreads], idle;
  for (int i = 0; i < kThreads; i++) REQUIRE((errno = pthread_create(&threads[i], NULL, work, NULL)) == 0);
  pthread_mutex_lock(&lock);
  while (running < kThreads) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < kThreads; i++) REQUIRE(pthread_join(threads[i], NULL) == 0);
  REQUIRE(pthread_create(&idle, NULL, wait_forever, NULL) == 0);
  REQUIRE(pthread_cancel(idle) == 0 && pthread_join(idle, NULL) == 0);
  REQUIRE(sysconf(_SC_NPROCESSORS_ONLN) > 0);
  return 0;
}
