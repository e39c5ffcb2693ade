/* Does nothing: what is measured is start and end. */
int main(void) { return 0; }
