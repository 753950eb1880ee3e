/* The limit the tree benchmark measures against: walk, read and hash every file of a directory with two threads.
 * cc -O2 tree.c -o tree -pthread [-DSHA256 -lcrypto]; prints count, bytes and an order-free fold of the hashes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef SHA256
#include <openssl/evp.h>
#else
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

#define BUFFER (256 * 1024)
#define BLOCK 64

static char **paths;
static size_t count, room;
static atomic_size_t next;
static atomic_ullong total, fold;

static void add(const char *path) {
  if (count == room) {
    room = room ? room * 2 : 4096;
    paths = realloc(paths, room * sizeof *paths);
  }
  paths[count++] = strdup(path);
}

static void walk(const char *root) {
  DIR *dir = opendir(root);
  if (!dir) { perror(root); exit(1); }
  struct dirent *e;
  char path[4096];
  while ((e = readdir(dir))) {
    if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
    snprintf(path, sizeof path, "%s/%s", root, e->d_name);
    if (e->d_type == DT_DIR) walk(path);
    else if (e->d_type == DT_REG) add(path);
  }
  closedir(dir);
}

static void *work(void *unused) {
  (void)unused;
  char *buffer = malloc(BUFFER);
  uint64_t bytes = 0, mixed = 0;
#ifdef SHA256
  EVP_MD_CTX *state = EVP_MD_CTX_new();
  const EVP_MD *md = EVP_sha256();
#else
  XXH3_state_t *state = XXH3_createState();
#endif
  for (size_t block; (block = atomic_fetch_add(&next, BLOCK)) < count;)
    for (size_t i = block; i < block + BLOCK && i < count; i++) {
      int fd = open(paths[i], O_RDONLY);
      if (fd < 0) { perror(paths[i]); exit(1); }
      uint64_t hash;
      ssize_t n;
#ifdef SHA256
      unsigned char out[32];
      EVP_DigestInit_ex(state, md, NULL);
      while ((n = read(fd, buffer, BUFFER)) > 0) { EVP_DigestUpdate(state, buffer, n); bytes += n; if (n < BUFFER) break; }
      EVP_DigestFinal_ex(state, out, NULL);
      memcpy(&hash, out, 8);
#else
      n = read(fd, buffer, BUFFER);
      if (n < BUFFER) { hash = XXH3_64bits(buffer, n); bytes += n; }
      else {
        XXH3_64bits_reset(state);
        do { XXH3_64bits_update(state, buffer, n); bytes += n; } while ((n = read(fd, buffer, BUFFER)) > 0);
        hash = XXH3_64bits_digest(state);
      }
#endif
      mixed ^= hash;
      close(fd);
    }
  atomic_fetch_add(&total, bytes);
  atomic_fetch_xor(&fold, mixed);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  pthread_t threads[2];
  walk(argv[1]);
  for (int t = 0; t < 2; t++) pthread_create(&threads[t], NULL, work, NULL);
  for (int t = 0; t < 2; t++) pthread_join(threads[t], NULL);
  printf("%zu %llu %016llx\n", count, (unsigned long long)total, (unsigned long long)fold);
  return 0;
}
