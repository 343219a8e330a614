#include <stdlib.h>

static int twice(int value) {
  if (value > 10) {
    return value;
  }
  return value * 2;
}

int never(const char *command) {
  return system(command);
}

int main(void) {
  return twice(2) - 4;
}
