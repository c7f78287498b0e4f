import type { Example } from './example.ts'

export const java: readonly Example[] = [
  {
    title: 'Hello',
    shows: 'One line and exit code 0.',
    code: `public class Main {
    public static void main(String[] args) {
        System.out.println("Hello from a sandbox that is about to disappear.");
    }
}
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: `import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        long sum = 0;
        while (in.hasNextLong()) sum += in.nextLong();
        System.out.println(sum);
    }
}
`,
  },
  {
    title: 'Uncaught exception',
    shows: 'A runtime error with its stack on stderr.',
    code: `public class Main {
    public static void main(String[] args) {
        int[] three = new int[3];
        System.out.println(three[args.length + 3]);
    }
}
`,
  },
]
