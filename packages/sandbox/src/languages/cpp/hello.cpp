#include <iostream>
#include <string>

int main() {
    std::string whom;
    std::cin >> whom;
    std::cout << "hello " << whom << "\n";
}
