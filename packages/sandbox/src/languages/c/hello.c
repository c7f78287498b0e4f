#include <stdio.h>

int main(void) {
    char whom[16] = "";
    if (scanf("%15s", whom) != 1) return 1;
    printf("hello %s\n", whom);
}
